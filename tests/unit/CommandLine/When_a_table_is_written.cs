using Broker.Producer.Cli.Output;

namespace Broker.Tests.Unit.CommandLine;

public sealed class When_a_table_is_written
{
    [Fact]
    public void Its_columns_are_aligned_and_whole() => Assert.Equal($"KIND{new string(' ', 98)}WAIT\n{new string('k', 100)}  1\n", Written(int.MaxValue));

    [Fact]
    public void On_a_terminal_the_widest_column_is_cut_so_that_the_rows_fit()
    {
        var lines = Written(80).Split('\n');
        Assert.Equal($"{new string('k', 73)}…  1", lines[1]);
        Assert.Equal(80, lines[0].Length);
    }

    private static string Written(int width)
    {
        var table = new TextTable("KIND", "WAIT");
        table.Add(new string('k', 100), "1");
        using var text = new StringWriter { NewLine = "\n" };
        table.Write(text, width);
        return text.ToString();
    }
}
