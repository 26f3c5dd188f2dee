namespace Broker.Producer.Cli.Output;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">Its first row.</param>
/// <param name="Number">Whether its cells end in one line.</param>
/// <param name="Rank">Where the rows do not fit, the columns of the highest rank are left out first; those of rank 0 stay.</param>
/// <param name="Shown">Whether there is anything in it.</param>
internal sealed record TextColumn(string Header, bool Number = false, int Rank = 0, bool Shown = true);

/// <summary>Aligned columns of text, as in <c>ps</c>, readable for people and for awk.</summary>
internal sealed class TextTable(params TextColumn[] columns)
{
    private const int LeastColumn = 8;
    private const int Gap = 2;

    private readonly List<string[]> _rows = [[.. columns.Select(column => column.Header)]];

    public TextTable(params string[] header)
        : this([.. header.Select(name => new TextColumn(name))])
    {
    }

    /// <summary>What other processes say of themselves is made safe for a terminal.</summary>
    public void Add(params string[] row) => _rows.Add([.. row.Select(SafeText.Of)]);

    /// <param name="output">Takes the rows.</param>
    /// <param name="width">As in <see cref="Lines"/>.</param>
    public void Write(TextWriter output, int width = int.MaxValue)
    {
        foreach (var line in Lines(width))
            output.WriteLine(line);
    }

    /// <param name="width">Of a terminal: columns are left out by their rank, then the widest are cut until the rows fit, where that is possible. Scripts want all of them whole.</param>
    public IEnumerable<string> Lines(int width = int.MaxValue)
    {
        var widths = Enumerable.Range(0, columns.Length).Where(column => columns[column].Shown).ToDictionary(column => column, column => _rows.Max(row => row[column].Length));
        while (IsTooWide() && widths.Keys.MaxBy(column => columns[column].Rank) is var least && columns[least].Rank > 0)
            widths.Remove(least);
        while (IsTooWide() && widths.MaxBy(column => column.Value) is { Value: > LeastColumn } widest)
            widths[widest.Key]--;
        var shown = widths.OrderBy(column => column.Key).ToList();
        return _rows.Select(row => string.Join("  ", shown.Select(column => Cell(row[column.Key], column.Value, columns[column.Key].Number))).TrimEnd());

        bool IsTooWide() => widths.Values.Sum() + (Gap * (widths.Count - 1)) > width;
    }

    private static string Cell(string cell, int width, bool number)
    {
        var cut = cell.Length <= width ? cell : $"{cell[..(width - 1)]}…";
        return number ? cut.PadLeft(width) : cut.PadRight(width);
    }
}
