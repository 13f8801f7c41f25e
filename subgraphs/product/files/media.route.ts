import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { errorsBody } from '../../shared/errors';
import { exportKey, MAX_UPLOAD_BYTES, uploadKey, WrongSize } from './fileStore';
import type { Media } from './media';
import { MEDIA_PATH } from './mediaUrls';
import { Busy } from './workLimit';

/** Limits a whole upload, so that a slow client (slowloris) can't keep its connection for ever. */
const UPLOAD_TIMEOUT_MS = 10 * 60 * 1000;
const NOT_FOUND = errorsBody('NOT_FOUND', 'There is nothing here.');

/** An address always has the same image, so it is cached for ever. nosniff: a browser must not interpret the bytes as anything else. */
const IMAGE_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
};

/** Whether an upload is still to come, or may still be replaced: not once a mutation has used it, and not after its time. */
type IsAwaited = (tenantId: string, fileId: string) => Promise<boolean>;

/**
 * `GET /media/images/<signature>/<tenant>/<file>/<name>`, `GET /media/exports/…` and `PUT /media/uploads/<key>?…`. Each address is
 * signed for one file of one store. A wrong signature is answered 404, as is a file that does not exist.
 */
export function mediaRoute(
  { store, urls, findImage }: Pick<Media, 'store' | 'urls' | 'findImage'>,
  isAwaited: IsAwaited,
) {
  return (app: FastifyInstance): void => {
    app.get<{ Params: { signature: string; tenantId: string; fileId: string; name: string } }>(
      `${MEDIA_PATH}/images/:signature/:tenantId/:fileId/:name`,
      async ({ params }, reply) => {
        if (!urls.isImage(params, params.signature)) return reply.code(404).send(NOT_FOUND);
        try {
          const image = await findImage(params);
          if (!image) return reply.code(404).send(NOT_FOUND);
          return reply
            .headers({ ...IMAGE_HEADERS, 'content-type': image.contentType, 'content-length': image.byteSize })
            .send(image.body);
        } catch (error) {
          if (!(error instanceof Busy)) throw error;
          return reply
            .code(503)
            .header('retry-after', '1')
            .send(errorsBody('SERVICE_UNAVAILABLE', 'Too many images are being made. Try again.'));
        }
      },
    );

    app.get<{ Params: { signature: string; tenantId: string; fileId: string; expires: string; name: string } }>(
      `${MEDIA_PATH}/exports/:signature/:tenantId/:fileId/:expires/:name`,
      async ({ params }, reply) => {
        const { signature, tenantId, fileId, name } = params;
        const file = urls.isExported(params, signature) ? await store.open(exportKey(tenantId, fileId)) : null;
        if (!file) return reply.code(404).send(NOT_FOUND);
        return reply
          .headers({
            'content-type': name.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
            'content-length': file.byteSize,
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'private, no-store',
            'x-content-type-options': 'nosniff',
          })
          .send(file.body);
      },
    );

    void app.register(async (uploads) => {
      uploads.removeAllContentTypeParsers();
      // Bodies are not parsed but streamed to the file store.
      uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      uploads.put<{ Params: { tenantId: string; fileId: string }; Querystring: Record<string, string> }>(
        `${MEDIA_PATH}/uploads/files/:tenantId/:fileId/upload`,
        { bodyLimit: MAX_UPLOAD_BYTES },
        async (request, reply) => {
          const { tenantId, fileId } = request.params;
          const upload = urls.verifyUpload(`files/${tenantId}/${fileId}/upload`, request.query);
          if (!upload) return reply.code(404).send(NOT_FOUND);
          if (request.headers['content-type'] !== upload.contentType)
            return reply.code(415).send(errorsBody('BAD_REQUEST', `Expected the Content-Type ${upload.contentType}.`));
          if (!(await isAwaited(tenantId, fileId))) {
            const message = 'The upload was used: stage another one.';
            return reply.code(409).header('connection', 'close').send(errorsBody('BAD_REQUEST', message));
          }
          const body = request.body as IncomingMessage;
          const timeout = setTimeout(() => body.destroy(new WrongSize('not sent in time')), UPLOAD_TIMEOUT_MS);
          try {
            await store.put(uploadKey(tenantId, fileId), body, upload);
            return reply.code(204).send();
          } catch (error) {
            if (!(error instanceof WrongSize)) throw error;
            return reply
              .code(400)
              .header('connection', 'close')
              .send(errorsBody('BAD_REQUEST', `Expected ${upload.byteSize} bytes.`));
          } finally {
            clearTimeout(timeout);
          }
        },
      );
    });
  };
}
