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

    [Fact]
    public void Columns_of_a_high_rank_are_left_out_before_others_are_cut()
    {
        var table = new TextTable(new TextColumn("KIND"), new("DONE", Number: true, Rank: 1), new("VERSION", Rank: 2), new("DEAD", Number: true));
        table.Add("sleep", "1234567", "0.1.0", "3");
        Assert.Equal(["KIND      DONE  VERSION  DEAD", "sleep  1234567  0.1.0       3"], table.Lines(29));
        Assert.Equal(["KIND      DONE  DEAD", "sleep  1234567     3"], table.Lines(28));
        Assert.Equal(["KIND   DEAD", "sleep     3"], table.Lines(19));
        Assert.Equal(["KIND   DEAD", "sleep     3"], table.Lines(5));
    }

    [Fact]
    public void What_another_process_says_of_itself_cannot_command_the_terminal()
    {
        var table = new TextTable("NAME");
        table.Add("a\e[2Jb\nc");
        Assert.Equal(["NAME", "a\\u001b[2Jb\\nc"], table.Lines());
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
