using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Broker.Producer.Cli.Output;

/// <summary>The progress of a map, on stderr.</summary>
internal sealed class ProgressBar(string kind, long? total, bool colour)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _done;
    private long _failed;

    public void Advance(bool failed)
    {
        _done++;
        if (failed)
            _failed++;
    }

    /// <summary>Shows the bar while <paramref name="work"/> runs.</summary>
    public async Task RunAsync(Func<Task> work)
    {
        // The library inspects standard output for the terminal's capabilities, but this bar is on stderr.
        var screen = !Console.IsErrorRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = screen ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour && screen ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = screen ? InteractionSupport.Yes : InteractionSupport.No,
        });
        var columns = new List<ProgressColumn> { new TaskDescriptionColumn() };
        if (total is not null)
            columns.AddRange([new ProgressBarColumn(), new PercentageColumn()]);
        columns.Add(new NumbersColumn(this));
        if (screen)
            Screen.Through(line => WriteAbove(console, line));
        try
        {
            await console.Progress().Columns([.. columns]).StartAsync(context => FollowAsync(context.AddTask(kind, maxValue: total ?? double.MaxValue), work));
        }
        finally
        {
            Screen.Through(null);
        }
    }

    private async Task FollowAsync(ProgressTask task, Func<Task> work)
    {
        await using var tick = new Timer(_ => task.Value = Interlocked.Read(ref _done), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        await work();
        task.Value = Interlocked.Read(ref _done);
    }

    // Padded to whole rows, or the rest of the bar would stay visible behind the line.
    private static void WriteAbove(IAnsiConsole console, string line)
    {
        var width = console.Profile.Width;
        console.WriteLine(line.PadRight((line.Length + width - 1) / width * width));
    }

    private string Numbers()
    {
        var done = Interlocked.Read(ref _done);
        var elapsed = Stopwatch.GetElapsedTime(_started);
        var rate = done / Math.Max(elapsed.TotalSeconds, 0.001);
        var left = total > done && rate > 0 ? $", {TimeSpan.FromSeconds((total.Value - done) / rate):hh\\:mm\\:ss} left" : "";
        return $"{done:#,0}{(total is null ? "" : $" of {total:#,0}")}, {rate:#,0}/s{(_failed > 0 ? $", {_failed:#,0} failed" : "")}{left}";
    }

    private sealed class NumbersColumn(ProgressBar bar) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(bar.Numbers());
    }
}
