using Broker.Contracts;
using Broker.Producer.Cli.JobLogs;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.JobLogs;

public sealed class When_a_joblog_is_continued : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "log");

    [Fact]
    public void The_items_of_its_lines_are_known_and_new_lines_stand_behind_them()
    {
        Write(append: false, 0, 2);
        var finished = Write(append: true, 1);
        Assert.Equal(2, finished.Count);
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(index => Find(finished, index).Exists));
        Assert.Equal(["Seq", "1", "3", "2"], Seqs());
    }

    [Fact]
    public void It_is_overwritten_where_nothing_is_said()
    {
        Write(append: false, 0, 2);
        Write(append: false, 1);
        Assert.Equal(["Seq", "2"], Seqs());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_torn_last_line_does_not_count_and_is_cut_off(bool isRead)
    {
        Write(append: false, 0, 1);
        File.WriteAllText(Path, File.ReadAllText(Path)[..^3]);
        using (var log = JobLogFile.Open(Path, "double", append: true, isRead ? new FinishedItems() : null))
        {
            log.Add(JobLogOutcomes.Of(5, "5"));
            log.Flush();
        }

        Assert.Equal(["Seq", "1", "6"], Seqs());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Seq\tHo")]
    public void One_that_has_no_whole_header_gets_one(string text)
    {
        _folder.Write("log", text);
        Assert.Equal(0, Write(append: true, 0).Count);
        Assert.Equal(["Seq", "1"], Seqs());
    }

    [Fact]
    public void One_that_does_not_exist_is_made()
    {
        Assert.Equal(0, Write(append: true, 0).Count);
        Assert.Equal(["Seq", "1"], Seqs());
    }

    [Fact]
    public void Another_file_is_refused_and_stays_as_it_is()
    {
        _folder.Write("log", "my precious notes");
        var error = Assert.Throws<InvalidConfigurationException>(() => Write(append: true, 0));
        Assert.Equal($"{Path} is no joblog: its first line is not 'Seq Host Starttime JobRuntime Send Receive Exitval Signal Command'", error.Message);
        Assert.Equal("my precious notes", File.ReadAllText(Path));
    }

    [Fact]
    public void One_that_another_map_writes_is_refused()
    {
        using var other = JobLogFile.Open(Path, "double", append: false, finished: null);
        Assert.StartsWith($"--joblog {Path} cannot be opened: ", Assert.Throws<InvalidConfigurationException>(() => Write(append: true, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_cannot_be_read_leaves_the_others_known()
    {
        Write(append: false, 0, 1);
        File.AppendAllText(Path, "rubbish\n");
        Write(append: true, 2);
        Assert.Equal(3, Write(append: true).Count);
    }

    [Fact]
    public void The_last_line_of_an_item_counts()
    {
        var finished = new FinishedItems();
        finished.Add(new JobLogLine(8, Failed: true, 1));
        finished.Add(new JobLogLine(8, Failed: false, 2));
        Assert.Equal((1, 0), (finished.Count, finished.Failed));
        Assert.Equal(new ItemRecord(Exists: true, Failed: false, Differs: false), finished.Find(7, 2));
        finished.Add(new JobLogLine(8, Failed: true, 2));
        Assert.Equal((1, 1, 7), (finished.Count, finished.Failed, finished.LastFailed));
    }

    [Fact]
    public void Ten_million_items_take_less_than_five_bytes_each()
    {
        const int Items = 10_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var finished = new FinishedItems();
        for (var seq = 1; seq <= Items; seq++)
            finished.Add(new JobLogLine(seq, seq % 3 == 0, (ulong)seq));
        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Items, 4, 5);
        Assert.Equal((Items, Items / 3), (finished.Count, finished.Failed));
    }

    public void Dispose() => _folder.Dispose();

    private static ItemRecord Find(FinishedItems finished, long index) => finished.Find(index, new ItemHash("double").Of(System.Text.Encoding.UTF8.GetBytes($"{index}")));

    private FinishedItems Write(bool append, params int[] indices)
    {
        var finished = new FinishedItems();
        using var log = JobLogFile.Open(Path, "double", append, append ? finished : null);
        foreach (var index in indices)
            log.Add(JobLogOutcomes.Of(index, $"{index}"));
        log.Flush();
        return finished;
    }

    private IEnumerable<string> Seqs() => File.ReadAllLines(Path).Select(line => line.Split('\t')[0]);
}
