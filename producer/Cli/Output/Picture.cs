using System.Runtime.InteropServices;
using System.Text;

namespace Broker.Producer.Cli.Output;

/// <summary>A picture that fills a terminal and is drawn again in place, at once when the terminal's size changes. What the screen showed before is scrolled up, and the last picture stays.</summary>
internal sealed class Picture : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration? _resized;
    private Func<int, IEnumerable<string>>? _lines;

    public Picture()
    {
        Console.Out.Write(new string('\n', Height));
        // What is said meanwhile would stand in the picture until it is drawn over.
        Screen.Through(static _ => { });
        // Windows does not tell; the next look has the new size.
        _resized = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Draw());
    }

    /// <summary>Whether standard output is a terminal on which the cursor can be moved.</summary>
    public static bool CanBeDrawn => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "" or null);

    public static int Width => Math.Max(Console.WindowWidth, 20);

    private static int Height => Math.Max(Console.WindowHeight, 5);

    /// <summary>Draws.</summary>
    /// <param name="lines">The picture at a width; those that do not fit below the others are left out.</param>
    public void Draw(Func<int, IEnumerable<string>> lines)
    {
        lock (_lock)
        {
            _lines = lines;
            Draw();
        }
    }

    public void Dispose()
    {
        _resized?.Dispose();
        Screen.Through(null);
        // The terminal has written ^C below the picture; what comes next is not to stand behind it.
        Console.Out.WriteLine();
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_lines is null)
                return;
            var lines = _lines(Width).ToList();
            if (lines.Count > Height - 1)
                lines = [.. lines.Take(Height - 2), $"... {lines.Count - Height + 2} more lines"];
            // One write, each line over the old one and cleared behind it: nothing flickers. Without wrapping: the terminal may have become narrower just now.
            var frame = new StringBuilder("\e[?7l\e[H");
            foreach (var line in lines)
                frame.Append(line).Append("\e[K\n");
            Console.Out.Write(frame.Append("\e[J\e[?7h"));
        }
    }
}
