using System.Diagnostics;
using Broker.Pool;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Broker.Producer.Cli.Output;

/// <summary>The progress of a map or a call, on stderr: of whole items, and of those that run as far as their handlers report it.</summary>
/// <param name="kind">What is run.</param>
/// <param name="total">The number of items as far as it is known now; null where it is not.</param>
/// <param name="exact">Whether that number is known from the start, and no estimate.</param>
/// <param name="colour">Whether to use colours.</param>
internal sealed class ProgressBar(string kind, Func<long?> total, bool exact, bool colour) : IProgress<JobProgress>
{
    private const int BarWidth = 40;

    /// <summary>A text of which less is to be seen says nothing.</summary>
    private const int LeastText = 10;

    private readonly Func<long?> _total = total;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ItemsUnderWay _running = new();
    private long _done;
    private long _failed;

    public void Advance(in ItemOutcome outcome)
    {
        _done++;
        if (outcome.Failure is not null)
            _failed++;
        _running.Ended(outcome.Index);
    }

    public void Report(JobProgress value) => _running.Learn(value);

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
        ProgressColumn[] columns = [new TaskDescriptionColumn(), new WhenTotalIsKnown(this, new ProgressBarColumn { Width = BarWidth }), new WhenTotalIsKnown(this, new PercentageColumn()), new NumbersColumn(this)];
        if (screen)
            Screen.Through(line => WriteAbove(console, line));
        try
        {
            await console.Progress().Columns(columns).StartAsync(context => FollowAsync(context.AddTask(kind, maxValue: double.MaxValue), work));
        }
        finally
        {
            Screen.Through(null);
        }
    }

    /// <summary>How far it is, for people: <c>1,000 of about 5,000, 200/s, 00:00:20 left</c>.</summary>
    public string Numbers(TimeSpan elapsed)
    {
        var (done, all) = (Interlocked.Read(ref _done), _total());
        var sum = done + _running.Sum;
        var rate = sum / Math.Max(elapsed.TotalSeconds, 0.001);
        var left = all > done && rate > 0 ? $", {TimeSpan.FromSeconds(Math.Min((all.Value - sum) / rate, 359_999)):hh\\:mm\\:ss} left" : "";
        return $"{done:#,0}{(all is null ? "" : $" of {(exact ? "" : "about ")}{all:#,0}")}, {rate:#,0}/s{(_failed > 0 ? $", {_failed:#,0} failed" : "")}{left}";
    }

    /// <summary>What a running item says of itself, as long as there is room for it behind the numbers.</summary>
    /// <param name="numbers"><see cref="Numbers"/>.</param>
    /// <param name="width">Of the terminal.</param>
    public string TextBehind(string numbers, int width)
    {
        // The kind, the bar and the percentage stand before, a space between any two columns.
        var room = width - numbers.Length - kind.Length - (_total() is null ? 4 : BarWidth + 8) - 2;
        var text = _running.Text;
        return text.Length == 0 || room < Math.Min(text.Length, LeastText) ? "" : text.Length <= room ? text : $"{text[..(room - 1)]}…";
    }

    private async Task FollowAsync(ProgressTask task, Func<Task> work)
    {
        await using var tick = new Timer(_ => Update(task), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        await work();
        Update(task);
    }

    private void Update(ProgressTask task)
    {
        task.MaxValue = _total() ?? double.MaxValue;
        task.Value = Interlocked.Read(ref _done) + _running.Sum;
    }

    // Padded to whole rows, or the rest of the bar would stay visible behind the line.
    private static void WriteAbove(IAnsiConsole console, string line)
    {
        var width = console.Profile.Width;
        console.WriteLine(line.PadRight((line.Length + width - 1) / width * width));
    }

    private sealed class NumbersColumn(ProgressBar bar) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            var numbers = bar.Numbers(Stopwatch.GetElapsedTime(bar._started));
            return new Text(bar.TextBehind(numbers, options.ConsoleSize.Width) is { Length: > 0 } text ? $"{numbers}, {text}" : numbers);
        }
    }

    private sealed class WhenTotalIsKnown(ProgressBar bar, ProgressColumn column) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            bar._total() is null ? Text.Empty : column.Render(options, task, deltaTime);
    }
}
