using System.Diagnostics;
using System.Text;

namespace Broker.Tests.Support;

/// <summary>A real process: its output streams, signals and exit.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>Long enough for a busy machine; a test that waits this long has failed.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Process _process;
    private readonly string _name;
    private readonly Task _following;

    private RunningProgram(Process process, string name, bool readError)
    {
        _process = process;
        _name = name;
        Id = process.Id;
        _following = Task.WhenAll(Output.FollowAsync(process.StandardOutput), readError ? Error.FollowAsync(process.StandardError) : Task.CompletedTask);
    }

    public int Id { get; }

    public LiveText Output { get; } = new();

    public LiveText Error { get; } = new();

    public bool HasEnded => _process.HasExited;

    /// <summary>Standard input; the writer must close it.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <param name="file">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Changes to this process's environment; null unsets.</param>
    /// <param name="keepInput">Whether <see cref="Input"/> stays open.</param>
    /// <param name="readError">Whether its standard error is read; a pipe buffers 64 KiB.</param>
    public static RunningProgram Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, bool keepInput = false, bool readError = true)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        if (!keepInput)
            process.StandardInput.Close();
        return new RunningProgram(process, Path.GetFileName(file), readError);
    }

    /// <summary>Waits until standard error contains <paramref name="text"/>.</summary>
    public Task WaitForErrorAsync(string text, TimeSpan? timeout = null) =>
        WaitForAsync(Error, written => written.Contains(text, StringComparison.Ordinal), $"'{text}' on standard error", timeout);

    public Task WaitForErrorAsync(Func<string, bool> holds, string what, TimeSpan? timeout = null) => WaitForAsync(Error, holds, what, timeout);

    public Task WaitForOutputAsync(Func<string, bool> holds, string what, TimeSpan? timeout = null) => WaitForAsync(Output, holds, what, timeout);

    /// <summary>Waits until the program has ended and both streams are read.</summary>
    public async Task<ProgramEnd> EndAsync(TimeSpan? timeout = null)
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _following).WaitAsync(timeout ?? DefaultTimeout);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{_name} did not end in time; {Written}", e);
        }

        return new ProgramEnd(_process.ExitCode, Output.ToString(), Error.ToString());
    }

    /// <summary>Sends a signal such as TERM or INT.</summary>
    public void Signal(string name) => Signal(Id, name);

    /// <summary><c>kill -9</c> of this one process.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends a signal to a process that another program has started.</summary>
    public static void Signal(int processId, string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -s {name} {processId}"]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string Written => $"it wrote\n--- stdout\n{Shortened(Output)}\n--- stderr\n{Shortened(Error)}";

    private static string Shortened(LiveText text) => text.ToString() is { Length: > 4000 } long_ ? $"...{long_[^4000..]}" : text.ToString();

    private async Task WaitForAsync(LiveText text, Func<string, bool> holds, string what, TimeSpan? timeout)
    {
        using var limit = new CancellationTokenSource(timeout ?? DefaultTimeout);
        try
        {
            if (!await text.WaitForAsync(holds, limit.Token))
                throw new InvalidOperationException($"{_name} ended without {what}; {Written}");
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{_name} runs, but there is no {what}; {Written}", e);
        }
    }
}

/// <summary>How a program ended.</summary>
public sealed record ProgramEnd(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}
