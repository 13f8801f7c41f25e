import { cleanText, textFault } from './typedText';

describe('a text', () => {
  it.each([
    ['half a character', 'a\ud800', 'well-formed Unicode'],
    ['NUL', 'a\u0000b', 'a text without control characters'],
    ['a backspace', 'a\bb', 'a text without control characters'],
    ['DEL', 'a\u007f', 'a text without control characters'],
    ['a control character of ISO 8859', 'a\u0085b', 'a text without control characters'],
    ['a line break', 'a\nb', 'a text in one line'],
    ['a tab', 'a\tb', 'a text in one line'],
    ['a line separator', 'a\u2028b', 'a text in one line'],
  ])('of one line is refused with %s', (_what, given, expected) => {
    expect(textFault(given, { lines: false })).toBe(expected);
  });

  it('of several lines may have their breaks, and tabs', () => {
    expect(textFault('a\r\n\tb\nc\u2028d', { lines: true })).toBeNull();
    expect(textFault('a\u0000', { lines: true })).not.toBeNull();
  });

  it('in any script, with emoji made of several characters, is taken', () => {
    for (const given of ['Größe', '恭喜发财', '👩‍👩‍👧', 'שלום', 'क्षि']) {
      expect(textFault(given, { lines: false })).toBeNull();
      expect(cleanText(given)).toBe(given);
    }
  });

  it('is composed, and loses the white space around it', () => {
    expect(cleanText(' \u00a0Gro\u0308ße\r\n')).toBe('Größe');
    expect(cleanText('a  b')).toBe('a  b');
  });
});
