using System.Diagnostics;
using System.Text.Json;
using Broker.Benchmarks.Report;
using Broker.Topology;

namespace Broker.Benchmarks.Raw;

/// <summary>The caller's side of the raw client: sends jobs and receives results, with a limited window in flight.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly RawConnection _connection;
    private readonly string _id;
    private readonly RawResults _results;

    private RawClient(RawConnection connection, string id)
    {
        _connection = connection;
        _id = id;
        _results = new RawResults(connection);
    }

    public string ServerVersion => _connection.ServerVersion;

    /// <param name="window">Maximum results in flight, and so the prefetch limit.</param>
    public static async Task<RawClient> ConnectAsync(string url, int window, CancellationToken cancellationToken)
    {
        var connection = await RawConnection.OpenAsync(url, "raw client", cancellationToken);
        var client = new RawClient(connection, Guid.CreateVersion7().ToString("N"));
        await connection.DeclareAsync(client._id, cancellationToken);
        await connection.ConsumeAsync(Names.ResultsQueue(client._id), (ushort)Math.Min(window, ushort.MaxValue), client._results);
        return client;
    }

    /// <summary>Doubles 0 to <paramref name="jobs"/> - 1, one per message; returns how long it took until all were answered and confirmed.</summary>
    public async Task<TimeSpan> RunAsync(int jobs, int windowSize)
    {
        using var window = new SemaphoreSlim(windowSize, windowSize);
        var started = Stopwatch.GetTimestamp();
        var run = new RawRun(jobs, window);
        _results.Begin(run);
        var confirmations = new List<Task>(jobs);
        for (var number = 0; number < jobs; number++)
        {
            await window.WaitAsync();
            confirmations.Add(SendAsync(number, run));
        }

        await Task.WhenAll(confirmations);
        await run.Finished;
        var elapsed = Stopwatch.GetElapsedTime(started);
        DoubledSum.Check(run.Sum, jobs);
        return elapsed;
    }

    /// <summary>Calls one after another; adds each one's milliseconds.</summary>
    public async Task CallAsync(int calls, Samples milliseconds)
    {
        for (var i = 0; i < calls; i++)
            milliseconds.Add((await RunAsync(jobs: 1, windowSize: 1)).TotalMilliseconds);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DeleteAsync(_id);
        await _connection.DisposeAsync();
    }

    private async Task SendAsync(long number, RawRun run)
    {
        var job = new RawJob(Guid.CreateVersion7(), RawConnection.Kind, [number], _id);
        run.Expect(job.JobId);
        await _connection.PublishAsync(Names.JobsExchange, RawConnection.Kind, JsonSerializer.SerializeToUtf8Bytes(job, RawJson.Default.RawJob));
    }
}
