using System.Diagnostics;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Elasticsearch;

public sealed class When_Elasticsearch_is_unavailable : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly int _port = FreePort.Next();

    private string Url => $"http://127.0.0.1:{_port}";

    [Fact]
    public async Task The_next_process_sends_the_stored_events()
    {
        using (var first = new SinkUnderTest(Url, _folder.Path))
            first.Write(1, 300);
        await using var server = await FakeElasticsearch.StartAsync(_port);
        using (var second = new SinkUnderTest(Url, _folder.Path))
        {
            second.Write(301, 1);
            await server.UntilAsync(_ => server.Documents.Count == 301);
        }

        Assert.Equal(Enumerable.Range(1, 301), SinkUnderTest.Numbers(server));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task One_process_sends_the_stored_events_of_many()
    {
        for (var process = 0; process < 100; process++)
        {
            using var dead = new SinkUnderTest(Url, _folder.Path);
            dead.Write(process, 1);
        }

        await using var server = await FakeElasticsearch.StartAsync(_port);
        using var alive = new SinkUnderTest(Url, _folder.Path);
        alive.Write(100, 1);
        await server.UntilAsync(_ => server.Documents.Count == 101);
        Assert.Equal(Enumerable.Range(0, 101), SinkUnderTest.Numbers(server));
    }

    [Fact]
    public async Task Stored_events_are_sent_when_the_server_is_available()
    {
        using var sink = new SinkUnderTest(Url, _folder.Path);
        sink.Write(1, 2500);
        await sink.FirstSaid.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await using var server = await FakeElasticsearch.StartAsync(_port);
        sink.Write(2501, 1);

        await server.UntilAsync(_ => server.Documents.Count >= 2501);
        Assert.Equal(Enumerable.Range(1, 2501), SinkUnderTest.Numbers(server));
    }

    [Fact]
    public async Task One_message_names_server_and_reason_without_the_password()
    {
        using var sink = new SinkUnderTest(Url.Replace("://", "://me:secret@", StringComparison.Ordinal), _folder.Path);
        for (var round = 0; round < 20; round++)
        {
            sink.Write(round, 100);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        var line = Assert.Single(sink.Said);
        Assert.StartsWith($"test: logs: Elasticsearch at {Url} cannot be reached (", line, StringComparison.Ordinal);
        Assert.Contains($"events are kept in {_folder.Path} and sent when it is available again", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_an_unavailable_server()
    {
        var sink = new SinkUnderTest(Url, _folder.Path);
        sink.Write(1, 100);
        await sink.FirstSaid.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        var started = Stopwatch.GetTimestamp();
        sink.Dispose();

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 1.5);
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_stop_waits_at_most_its_timeout_for_a_silent_server()
    {
        await using var server = await FakeElasticsearch.StartAsync(_port);
        server.BeforeAnswer = (_, aborted) => Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var sink = new SinkUnderTest(Url, _folder.Path, options => options with { StopTimeout = TimeSpan.FromSeconds(1), Connection = options.Connection with { Timeout = TimeSpan.FromSeconds(30) } });
        sink.Write(1, 100);
        await server.UntilAsync(_ => server.Requests.Count > 0);
        var started = Stopwatch.GetTimestamp();
        sink.Dispose();

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.5, 4);
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories));
    }

    [Fact]
    public void Nothing_is_opened_or_resolved_before_the_first_event()
    {
        var started = Stopwatch.GetTimestamp();
        using (var sink = new SinkUnderTest("http://no.such.host.invalid:9200", _folder.Path))
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 0, 500);
    }

    [Fact]
    public async Task Dropped_events_are_counted_and_reported_later()
    {
        using var sink = new SinkUnderTest(Url, _folder.Path, options => options with { SegmentBytes = 64 * 1024, Segments = 8 });
        for (var round = 0; round < 40; round++)
        {
            sink.Write(round * 100, 100);
            Assert.InRange(new DirectoryInfo(_folder.Path).GetFiles("*.seg", SearchOption.AllDirectories).Sum(Length), 0, 8 * 64 * 1024);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await using var server = await FakeElasticsearch.StartAsync(_port);
        await server.UntilAsync(_ => server.Documents.Values.Any(IsReport));

        var report = server.Documents.Values.First(IsReport);
        var kept = SinkUnderTest.Numbers(server).Count();
        Assert.Equal(4000 - kept, int.Parse(report.GetProperty("labels.info").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(kept > 500, $"{kept} kept");

        static long Length(FileInfo file)
        {
            try
            {
                return file.Length;
            }
            catch (FileNotFoundException)
            {
                // Removed since it was listed, to make room.
                return 0;
            }
        }

        static bool IsReport(System.Text.Json.JsonElement document) => document.TryGetProperty("event.action", out var action) && action.GetString() == "logs-dropped";
    }

    public void Dispose() => _folder.Dispose();
}
