namespace Broker.Contracts.BuiltIn;

/// <summary>Counts a text as <c>wc</c> does in a UTF-8 locale, and names its commonest words.</summary>
/// <param name="Text">The text itself: consumers share no disk with the producer.</param>
/// <param name="Top">How many of the commonest words to return.</param>
public sealed record WordCount(string Text, int Top = 10) : IJob<WordCounts>
{
    public static string Kind => "word-count";
}

/// <param name="Lines">Newline characters.</param>
/// <param name="Words">Runs of anything that is not white space.</param>
/// <param name="Characters">Unicode code points.</param>
/// <param name="Commonest">Words of letters and digits in lower case, most frequent first, ties by spelling.</param>
public sealed record WordCounts(long Lines, long Words, long Characters, IReadOnlyList<WordFrequency> Commonest);

public sealed record WordFrequency(string Word, long Count);
