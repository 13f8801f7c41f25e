import { z } from 'zod';

/**
 * The part of Kubernetes's API that our manifests use, by https://kubernetes.io/docs/reference/kubernetes-api/. What is not here is
 * refused: a server only warns of a field that it does not know, and the whole API as a package is 28 MB for one check.
 */
const object = z.strictObject;
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected a DNS name in lower case');
const text = z.string();
const count = z.int().min(0);
const seconds = count;
const port = z.union([z.int().min(1).max(65_535), name]);
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?$/, 'expected a quantity, such as 250m or 256Mi');
const labels = z.record(text, text);
const metadata = object({ name, labels: labels.optional() });
const expression = object({
  key: text,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(text).optional(),
});
const selector = object({ matchLabels: labels.optional(), matchExpressions: z.array(expression).optional() });

const probe = object({
  httpGet: object({ path: z.string().startsWith('/'), port }),
  periodSeconds: seconds.optional(),
  timeoutSeconds: seconds.optional(),
  failureThreshold: count.optional(),
});
const resources = object({ cpu: quantity.optional(), memory: quantity.optional() });
const container = object({
  name,
  image: text,
  command: z.array(text).optional(),
  env: z.array(object({ name: text, value: text })).optional(),
  envFrom: z
    .array(z.union([object({ configMapRef: object({ name }) }), object({ secretRef: object({ name }) })]))
    .optional(),
  ports: z.array(object({ name, containerPort: z.int().min(1).max(65_535) })).optional(),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: object({ preStop: object({ sleep: object({ seconds }) }) }).optional(),
  resources: object({ requests: resources, limits: resources }),
  securityContext: object({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: object({ drop: z.array(text) }),
  }),
  volumeMounts: z.array(object({ name, mountPath: z.string().startsWith('/') })).optional(),
});
const spread = object({
  maxSkew: z.int().min(1),
  topologyKey: text,
  whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
  labelSelector: selector,
});
const pod = object({
  metadata: object({ labels }),
  spec: object({
    automountServiceAccountToken: z.boolean(),
    terminationGracePeriodSeconds: seconds.optional(),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
    securityContext: object({
      runAsNonRoot: z.boolean(),
      runAsUser: count,
      seccompProfile: object({ type: z.enum(['RuntimeDefault', 'Localhost', 'Unconfined']) }),
    }),
    topologySpreadConstraints: z.array(spread).optional(),
    containers: z.array(container).min(1),
    volumes: z.array(object({ name, emptyDir: object({ sizeLimit: quantity }) })).optional(),
  }),
});

const rollingUpdate = object({ maxUnavailable: count, maxSurge: count });
const backend = object({ service: object({ name, port: z.union([object({ name }), object({ number: count })]) }) });
const paths = z.array(object({ path: z.string().startsWith('/'), pathType: z.enum(['Prefix', 'Exact']), backend }));
const peer = object({ podSelector: selector.optional(), namespaceSelector: selector.optional() });
const metric = object({
  type: z.literal('Resource'),
  resource: object({
    name: z.enum(['cpu', 'memory']),
    target: object({ type: z.literal('Utilization'), averageUtilization: z.int().min(1) }),
  }),
});

/** By `apiVersion kind`: what a document of it has beside these two and its metadata. */
const KINDS: Record<string, z.ZodRawShape> = {
  'v1 ConfigMap': { data: z.record(text, text) },
  'v1 Service': { spec: object({ selector: labels, ports: z.array(object({ name, port, targetPort: port })).min(1) }) },
  'apps/v1 Deployment': {
    spec: object({ replicas: count, selector, strategy: object({ rollingUpdate }), template: pod }),
  },
  'batch/v1 Job': { spec: object({ backoffLimit: count, ttlSecondsAfterFinished: seconds, template: pod }) },
  'policy/v1 PodDisruptionBudget': { spec: object({ maxUnavailable: count, selector }) },
  'autoscaling/v2 HorizontalPodAutoscaler': {
    spec: object({
      scaleTargetRef: object({ apiVersion: text, kind: text, name }),
      minReplicas: z.int().min(1),
      maxReplicas: z.int().min(1),
      metrics: z.array(metric).min(1),
    }),
  },
  'networking.k8s.io/v1 Ingress': {
    spec: object({
      tls: z.array(object({ hosts: z.array(text), secretName: name })),
      rules: z.array(object({ host: text, http: object({ paths }) })),
    }),
  },
  'networking.k8s.io/v1 NetworkPolicy': {
    spec: object({
      podSelector: selector,
      policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
      ingress: z
        .array(object({ from: z.array(peer).optional(), ports: z.array(object({ port })).optional() }))
        .optional(),
    }),
  },
};

/** What is wrong with a manifest, a line each: the place, and what was expected there. */
export function manifestFaults(manifest: unknown): string[] {
  const head = z.looseObject({ apiVersion: text, kind: text }).safeParse(manifest);
  if (!head.success) return ['no manifest: expected apiVersion and kind'];
  const { apiVersion, kind } = head.data;
  const shape = KINDS[`${apiVersion} ${kind}`];
  if (!shape) return [`${apiVersion} ${kind}: docker/manifest.ts knows none`];
  const result = object({ apiVersion: text, kind: text, metadata, ...shape }).safeParse(manifest);
  return result.error?.issues.map(({ path, message }) => `${kind} ${path.join('.')}: ${message}`) ?? [];
}
