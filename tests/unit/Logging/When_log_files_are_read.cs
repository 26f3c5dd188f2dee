using Broker.Logging.Query;
using Broker.Logging.Query.Files;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging;

public sealed class When_log_files_are_read : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<string> _notices = [];

    private FileLogSource Source => new(_folder.Path, _notices.Add);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lines_of_all_processes_and_rolled_files_are_read_in_time_order()
    {
        Write("one", Line(1, 1), Line(4, 1));
        Write("one_001", Line(6, 1), Line(9, 1));
        Write("two", Line(2, 2), Line(3, 2), Line(7, 2));
        Assert.Equal([1, 2, 3, 4, 6, 7, 9], Seconds(await AllAsync()));
        Assert.Equal([6, 7, 9], Seconds(await Source.ReadNewestAsync(new LogQuery(), 3, default)));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task Lines_of_equal_time_are_ordered_by_process_and_sequence()
    {
        Write("b", LogLines.Write(default, 2, 10), LogLines.Write(default, 2, 9));
        Write("a", LogLines.Write(default, 1, 11), LogLines.Write(default, 1, 2), LogLines.Write(default, 1, message: "no count"));
        Assert.Equal([(1L, -1L), (1, 2), (1, 11), (2, 9), (2, 10)], (await AllAsync()).Select(line => (line.ProcessId!.Value, line.Sequence)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Lines_of_an_unordered_file_are_read_in_order_each_once(int seed)
    {
        var random = new Random(seed);
        var lines = Enumerable.Range(0, 3000).Select(number => LogLines.Write(TimeSpan.FromTicks(random.Next(2000)), number % 5, number)).ToArray();
        foreach (var file in lines.GroupBy(_ => random.Next(7)))
            Write($"file-{file.Key}", [.. file]);

        var expected = lines.Select(LogLines.Parse).Order(LogOrder.Instance).Select(line => line.Text()).ToList();
        Assert.Equal(expected, (await AllAsync()).Select(line => line.Text()));
        foreach (var count in new[] { 1, 100, 3000, 5000 })
            Assert.Equal(expected.TakeLast(count), (await Source.ReadNewestAsync(new LogQuery(), count, default)).Select(line => line.Text()));
    }

    [Fact]
    public async Task A_clock_set_back_does_not_change_the_order()
    {
        Write("one", [.. Enumerable.Range(0, 500).Select(second => Line(second, 1)), .. Enumerable.Range(200, 500).Select(second => Line(second, 1))]);
        Write("two", [.. Enumerable.Range(0, 700).Select(second => Line(second, 2))]);
        var seconds = Seconds(await AllAsync());
        Assert.Equal(1700, seconds.Count);
        Assert.Equal(seconds.Order(), seconds);
    }

    [Fact]
    public async Task A_truncated_last_line_is_skipped_silently()
    {
        var whole = $"{Line(1, 1)}\n";
        _folder.Write("killed.ndjson", whole + Line(2, 1)[..40]);
        _folder.Write("no-end.ndjson", Line(3, 2));
        Assert.Equal([1, 3], Seconds(await AllAsync()));
        Assert.Equal([1, 3], Seconds(await Source.ReadNewestAsync(new LogQuery(), 10, default)));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task Invalid_lines_are_counted()
    {
        _folder.Write("mixed.ndjson", $"{Line(1, 1)}\nnot a line\n\n{{\"message\":\"no time\"}}\r\n{Line(2, 1)}\r\n");
        _folder.Write("other.txt", "not ours\n");
        Assert.Equal([1, 2], Seconds(await AllAsync()));
        Assert.StartsWith("2 lines", Assert.Single(_notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_longer_than_any_buffer_are_read()
    {
        var longest = LogLines.Write(TimeSpan.FromSeconds(2), message: new string('x', 300_000));
        Write("long", Line(1, 1), longest, Line(3, 1));
        Assert.Equal(longest, (await AllAsync())[1].Text());
    }

    [Fact]
    public async Task The_limit_counts_only_matching_lines()
    {
        Write("one", [.. Enumerable.Range(0, 100).Select(second => LogLines.Write(TimeSpan.FromSeconds(second), second % 2, more: new() { ["labels.job_id"] = $"job-{second % 10}", ["labels.kind"] = "gr\u00fcn" }))]);
        Assert.Equal([73, 83, 93], Seconds(await Source.ReadNewestAsync(new LogQuery { JobId = "job-3" }, 3, default)));
        Assert.Equal([0, 2, 4], Seconds(await Source.ReadNewestAsync(new LogQuery { ProcessId = 0, Until = LogLines.Noon.AddSeconds(5) }, 3, default)));
        Assert.Equal([98, 99], Seconds(await AllAsync(new LogQuery { Since = LogLines.Noon.AddSeconds(98) })));
        Assert.Equal(100, (await AllAsync(new LogQuery { Kind = "gr\u00fcn" })).Count);
    }

    [Fact]
    public async Task A_missing_folder_has_no_lines()
    {
        var source = new FileLogSource(Path.Combine(_folder.Path, "missing"), _notices.Add);
        Assert.Empty(await source.ReadNewestAsync(new LogQuery(), 10, default));
        Assert.False(Directory.Exists(source.Place));
    }

    [Fact]
    public async Task A_follow_returns_new_lines_each_once()
    {
        Write("one", Line(1, 1));
        var source = Source;
        Assert.Equal([1], Seconds(await source.ReadNewestAsync(new LogQuery(), 10, default)));
        Append("one", $"{Line(2, 1)}\n");
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var follow = source.FollowAsync(new LogQuery(), timeout.Token).GetAsyncEnumerator(timeout.Token);
        Assert.Equal([2], await NextAsync());

        Append("one", $"{Line(3, 1)}\n{Line(4, 1)[..30]}");
        Assert.Equal([3], await NextAsync());
        Append("one", $"{Line(4, 1)[30..]}\n");
        Assert.Equal([4], await NextAsync());
        Append("one_001", $"{Line(5, 1)}\n");
        Assert.Equal([5], await NextAsync());

        async Task<List<int>> NextAsync()
        {
            Assert.True(await follow.MoveNextAsync());
            return Seconds(follow.Current);
        }
    }

    private static string Line(int second, int pid) => LogLines.Write(TimeSpan.FromSeconds(second), pid, second);

    private static List<int> Seconds(IEnumerable<LogDocument> lines) => [.. lines.Select(line => (int)(line.Time - LogLines.Noon).TotalSeconds)];

    private void Write(string name, params string[] lines) => _folder.Write($"{name}.ndjson", string.Concat(lines.Select(line => $"{line}\n")));

    private void Append(string name, string text) => File.AppendAllText(Path.Combine(_folder.Path, $"{name}.ndjson"), text);

    private async Task<List<LogDocument>> AllAsync(LogQuery? query = null) => await Source.ReadAllAsync(query ?? new LogQuery(), default).ToListAsync();
}
