using System.Diagnostics;
using System.Reflection;
using System.Text;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Broker.Logging.Screen;

namespace Broker.Consumer.Supervision;

/// <summary>
/// A supervised consumer process. A line on its standard input asks it to stop, and when the supervisor dies, the
/// pipe closes and it stops as well. Its standard output carries <see cref="ChildRecord"/>s: readiness, why it stops, and log lines. Its standard
/// error is inherited, for crash messages.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>The line that starts a drain.</summary>
    public const string Stop = "stop";

    /// <summary>The line that cancels running jobs.</summary>
    public const string Cancel = "cancel";

    /// <summary>Time to read the rest of the pipe after the child has ended. A process that its handler started may keep the pipe open for ever.</summary>
    private static readonly TimeSpan PipeFlushTimeout = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile bool _ready;
    private volatile bool _wasReady;
    private volatile bool _ended;
    private volatile ConsumerEnd _end;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool IsReady => _ready && !_ended;

    /// <summary>Whether it was ready once.</summary>
    public bool WasReady => _wasReady;

    /// <summary>Why it stopped of itself; <see cref="ConsumerEnd.None"/> if it said nothing.</summary>
    public ConsumerEnd End => _end;

    public TimeSpan Lived => Stopwatch.GetElapsedTime(_started);

    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">Its environment. An address with a password must not be on the command line, which other users can read.</param>
    /// <param name="program">The executable; by default that of this process.</param>
    public static ChildProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? program = null)
    {
        program ??= Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8, UseShellExecute = false };
        // Started as `dotnet consumer.dll`, the executable is dotnet and the DLL its first argument.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>
    /// Reads the child's output until it ends; <paramref name="onChange"/> is called when it gets ready or no longer is, and when it says why it ends,
    /// <paramref name="console"/> takes its lines.
    /// </summary>
    /// <returns>Its exit code; 128 plus the signal's number if a signal ended it.</returns>
    public async Task<int> FollowAsync(Action onChange, ConsoleQueue console)
    {
        console.Await(this);
        var allRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // A dedicated thread: a pipe read blocks one, and there may be more children than pool threads.
        var reading = new Thread(() =>
        {
            Read(onChange, console);
            allRead.SetResult();
        });
        reading.IsBackground = true;
        reading.Start();
        await _process.WaitForExitAsync();
        await Task.WhenAny(allRead.Task, Task.Delay(PipeFlushTimeout));
        console.Heard(this);
        _ended = true;
        onChange();
        return _process.ExitCode;
    }

    /// <param name="order"><see cref="Stop"/> or <see cref="Cancel"/>.</param>
    public void Tell(string order)
    {
        try
        {
            _process.StandardInput.WriteLine(order);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has already ended.
        }
    }

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    public void Dispose() => _process.Dispose();

    private void Read(Action onChange, ConsoleQueue console)
    {
        while (ReadLine() is { } line)
        {
            if (!ChildRecord.TryRead(line, out var record, out var foreign) || foreign.Length > 0)
                console.Add(new ConsoleLine(DateTimeOffset.Now, $"{foreign}\n"));
            if (record?.Text is { } text)
                console.Add(new ConsoleLine(record.Time, text), source: this);
            if (record is { End: not ConsumerEnd.None and var end })
            {
                _end = end;
                onChange();
            }

            if (record?.Ready is { } ready)
            {
                console.Heard(this);
                _ready = ready;
                _wasReady |= ready;
                onChange();
            }
        }
    }

    private string? ReadLine()
    {
        try
        {
            return _process.StandardOutput.ReadLine();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The timeout closed a pipe that another process keeps open.
            return null;
        }
    }
}
