using System.Diagnostics;

namespace Broker.Benchmarks.Processes;

/// <summary>A worker that runs for the whole comparison. Its output is shown, because the end of a silent worker would look like a hang.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Processor time used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>In bytes.</summary>
    public long PeakMemory => Processes.PeakMemory.Of(_process.Id);

    public static WorkerProcess Start(ProcessStartInfo info)
    {
        var process = Process.Start(info)!;
        process.ErrorDataReceived += (_, line) => Say(line.Data);
        process.OutputDataReceived += (_, line) => Say(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return new WorkerProcess(process);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("/bin/sh", ["-c", $"kill -s TERM {_process.Id}"]);
            await terminate.WaitForExitAsync();
        }

        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync("a worker did not stop when asked and was killed");
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static void Say(string? line)
    {
        if (line is not null)
            Console.Error.WriteLine($"    {line}");
    }
}
