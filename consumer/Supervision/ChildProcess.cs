using System.Diagnostics;
using System.Reflection;

namespace Broker.Consumer.Supervision;

/// <summary>
/// A consumer process under supervision. Its standard input is its tie to us: a line asks it to stop, and when we die, however, the
/// pipe closes and it stops as well. Its standard output says when it is ready. Its log goes where ours goes.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>The line by which a child says that jobs reach it.</summary>
    public const string Ready = "ready";

    /// <summary>The line by which it says that they do not.</summary>
    public const string NotReady = "not-ready";

    /// <summary>The line that asks it to drain; a second one, to cancel.</summary>
    public const string Stop = "stop";

    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool IsReady { get; private set; }

    public TimeSpan Lived => Stopwatch.GetElapsedTime(_started);

    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">What it is told by environment: an address with a password has no place on a command line, which all can read.</param>
    public static ChildProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        // Started as `dotnet consumer.dll`, the program is dotnet and we are its first argument.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Follows the child to its end; <paramref name="onReadiness"/> hears each change.</summary>
    /// <returns>Its exit code; 128 and the signal's number where a signal ended it.</returns>
    public async Task<int> FollowAsync(Action onReadiness)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            IsReady = line == Ready;
            onReadiness();
        }

        await _process.WaitForExitAsync();
        IsReady = false;
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
}
