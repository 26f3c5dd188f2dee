using System.Collections.Concurrent;
using System.Diagnostics;
using Broker.Logging;

namespace Broker.Tests.Unit.Logging;

public sealed class When_a_console_does_not_take_lines : IDisposable
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
    public async Task Adding_never_waits_and_one_line_tells_later_how_many_were_dropped()
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
    public async Task The_end_of_the_program_waits_for_a_second_and_no_more()
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
    public void What_waits_for_its_turn_is_shown_at_the_end_at_once()
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
    public async Task A_write_that_fails_loses_its_lines_and_no_others()
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
