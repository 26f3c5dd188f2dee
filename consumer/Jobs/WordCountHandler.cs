using System.Globalization;
using System.Text;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Consumer.Jobs;

internal sealed class WordCountHandler : IJobHandler<WordCount, WordCounts>
{
    public Task<WordCounts> HandleAsync(WordCount args, JobContext job)
    {
        if (args.Top < 0)
            throw new JobRejectedException("top is how many of the commonest words to return: 0 or more");
        long lines = 0, words = 0, characters = 0;
        var inWord = false;
        foreach (var rune in args.Text.EnumerateRunes())
        {
            characters++;
            if (rune.Value == '\n')
                lines++;
            // As in wc: a word is a run of non-space characters with at least one printable character.
            if (IsSpace(rune))
            {
                inWord = false;
            }
            else if (!inWord && IsPrintable(rune))
            {
                inWord = true;
                words++;
            }
        }

        return Task.FromResult(new WordCounts(lines, words, characters, Commonest(args.Text, args.Top, job.CancellationToken)));
    }

    // wc treats no-break spaces and the word joiner as separators, and line separators as not printable.
    private static bool IsSpace(Rune rune) => rune.Value == 0x2060 || (Rune.IsWhiteSpace(rune) && rune.Value is not (0x85 or 0x2028 or 0x2029));

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static List<WordFrequency> Commonest(string text, int top, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        var word = new StringBuilder();
        foreach (var letter in text)
        {
            if (char.IsLetterOrDigit(letter))
            {
                word.Append(char.ToLowerInvariant(letter));
                continue;
            }

            Add();
            cancellationToken.ThrowIfCancellationRequested();
        }

        Add();
        return [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(top).Select(pair => new WordFrequency(pair.Key, pair.Value))];

        void Add()
        {
            if (word.Length == 0)
                return;
            var key = word.ToString();
            counts[key] = counts.GetValueOrDefault(key) + 1;
            word.Clear();
        }
    }
}
