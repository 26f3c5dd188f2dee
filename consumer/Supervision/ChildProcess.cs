using System.Diagnostics;
using System.Reflection;
using System.Text;
using Broker.Logging;

namespace Broker.Consumer.Supervision;

/// <summary>
/// A consumer process under supervision. Its standard input is its tie to us: a line asks it to stop, and when we die, however, the
/// pipe closes and it stops as well. Its standard output brings <see cref="ChildRecord"/>s: when it is ready, and what it logs. Its standard
/// error is ours, for what a crash says.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>The line that asks it to drain; a second one, to cancel.</summary>
    public const string Stop = "stop";

    /// <summary>What is left in the pipe of a child that ended is read at once. A process that its handler left behind keeps the pipe open for ever.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile bool _ready;
    private volatile bool _ended;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool IsReady => _ready && !_ended;

    public TimeSpan Lived => Stopwatch.GetElapsedTime(_started);

    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">What it is told by environment: an address with a password has no place on a command line, which all can read.</param>
    public static ChildProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8, UseShellExecute = false };
        // Started as `dotnet consumer.dll`, the program is dotnet and we are its first argument.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Follows the child to its end; <paramref name="onReadiness"/> hears each change, <paramref name="console"/> takes its lines.</summary>
    /// <returns>Its exit code; 128 and the signal's number where a signal ended it.</returns>
    public async Task<int> FollowAsync(Action onReadiness, ConsoleQueue console)
    {
        console.Await(this);
        var allRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own: reading a pipe holds one, and the pool has fewer than there may be children.
        var reading = new Thread(() =>
        {
            Read(onReadiness, console);
            allRead.SetResult();
        });
        reading.IsBackground = true;
        reading.Start();
        await _process.WaitForExitAsync();
        await Task.WhenAny(allRead.Task, Task.Delay(Rest));
        console.Heard(this);
        _ended = true;
        onReadiness();
        return _process.ExitCode;
    }

    public void AskToStop()
    {
        try
        {
            _process.StandardInput.WriteLine(Stop);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended already, which is what we ask for.
        }
    }

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    public void Dispose() => _process.Dispose();

    private void Read(Action onReadiness, ConsoleQueue console)
    {
        while (ReadLine() is { } line)
        {
            if (!ChildRecord.TryRead(line, out var record, out var foreign) || foreign.Length > 0)
                console.Add(new ConsoleLine(DateTimeOffset.Now, $"{foreign}\n"));
            if (record?.Text is { } text)
                console.Add(new ConsoleLine(record.Time, text), source: this);
            if (record?.Ready is { } ready)
            {
                console.Heard(this);
                _ready = ready;
                onReadiness();
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
            // We let go of a pipe that somebody else keeps open.
            return null;
        }
    }
}
