namespace Broker.Producer.Cli.Output;

/// <summary>Aligned columns of text, as in <c>ps</c>, readable for people and for awk.</summary>
internal sealed class TextTable(params string[] header)
{
    private const int LeastColumn = 8;

    private readonly List<string[]> _rows = [header];

    public void Add(params string[] row) => _rows.Add(row);

    /// <param name="output">Takes the rows.</param>
    /// <param name="width">Of a terminal: the widest columns are cut until the rows fit, where that is possible. Scripts want whole names.</param>
    public void Write(TextWriter output, int width = int.MaxValue)
    {
        var widths = Enumerable.Range(0, header.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        while (widths.Sum() + (2 * (widths.Length - 1)) > width && widths.Max() > LeastColumn)
            widths[Array.IndexOf(widths, widths.Max())]--;
        foreach (var row in _rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => Cut(cell, widths[column]).PadRight(widths[column]))).TrimEnd());
    }

    private static string Cut(string cell, int width) => cell.Length <= width ? cell : $"{cell[..(width - 1)]}…";
}
