using System.Diagnostics;
using System.Globalization;

namespace Broker.Benchmarks.AgainstPeers;

/// <summary>A peer's program: a line asks it to measure something once, its answer is one number.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A peer without its worker would wait for ever.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    public PeerProcess(ProcessStartInfo info)
    {
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        _process = Process.Start(info)!;
    }

    /// <exception cref="InvalidOperationException">It ended; its reason is on stderr.</exception>
    public async Task<double> AskAsync(string verb, int count, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{verb} {count}"));
        await _process.StandardInput.FlushAsync(cancellationToken);
        var answer = await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(AnswerTimeout, cancellationToken) ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} ended");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
