using System.Collections.Concurrent;
using System.Diagnostics;
using Broker.Logging;
using Broker.Logging.Screen;

namespace Broker.Tests.Unit.Logging;

public sealed class When_the_console_is_blocked : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly SemaphoreSlim _writing = new(0);
    private readonly ConcurrentQueue<string> _written = new();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
        _writing.Dispose();
    }

    [Fact]
    public async Task Adding_never_blocks_and_one_line_reports_the_drops_later()
    {
        var console = new ConsoleQueue(WriteWhenOpen);
        console.DescribeDropsWith(count => Line($"{count} dropped"));
        console.Add(Line("first"));
        await _writing.WaitAsync(TestContext.Current.CancellationToken);

        var large = new string('x', 1024 * 1024);
        for (var line = 0; line < 10; line++)
            console.Add(Line(large));
        Assert.False(console.HasRoom());
        _open.Set();
        console.Dispose();

        Assert.Equal(["first", large, large, large, large, "7 dropped"], _written);
    }

    [Fact]
    public async Task Disposing_the_console_queue_waits_at_most_a_second()
    {
        var console = new ConsoleQueue(WriteWhenOpen);
        console.Add(Line("never seen"));
        await _writing.WaitAsync(TestContext.Current.CancellationToken);
        var clock = Stopwatch.StartNew();
        console.Dispose();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 10);
        Assert.Empty(_written);
    }

    [Fact]
    public void Held_lines_are_written_at_the_end_without_delay()
    {
        _open.Set();
        var console = new ConsoleQueue(WriteWhenOpen, hold: TimeSpan.FromHours(1));
        console.Add(new ConsoleLine(DateTimeOffset.Now, "second"), source: "child");
        console.Add(new ConsoleLine(DateTimeOffset.Now.AddSeconds(-1), "first"));
        console.Dispose();
        Assert.Equal(["first", "second"], _written);
        console.Add(Line("after the end"));
        Assert.Equal(2, _written.Count);
    }

    [Fact]
    public async Task A_failed_write_drops_only_its_lines()
    {
        var failures = 0;
        var console = new ConsoleQueue(lines =>
        {
            if (lines[0].Text == "lost" && failures++ == 0)
            {
                _writing.Release();
                throw new IOException("no space left on device");
            }

            _open.Set();
            WriteWhenOpen(lines);
        });
        console.DescribeDropsWith(count => Line($"{count} dropped"));
        console.Add(Line("lost"));
        await _writing.WaitAsync(TestContext.Current.CancellationToken);
        console.Add(Line("shown"));
        console.Dispose();
        Assert.Equal((1, "shown", "1 dropped"), (failures, _written.First(), _written.Last()));
    }

    private static ConsoleLine Line(string text) => new(DateTimeOffset.Now, text);

    private void WriteWhenOpen(IReadOnlyList<ConsoleLine> lines)
    {
        _writing.Release();
        _open.Wait();
        foreach (var line in lines)
            _written.Enqueue(line.Text);
    }
}
