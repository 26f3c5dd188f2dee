using Broker.Bus;
using Broker.Connection;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// Runs the jobs that seem to end their process, one at a time, while nothing else runs here. They wait on a queue of their own, and one is taken from it only
/// when this process is empty: whatever ends the process then, it is that job, so the broker's count of its deliveries is the count of its own crashes.
/// </summary>
internal sealed class SuspectJobs(BrokerConnection connection, JobTopology topology, ExclusiveGate gate, Action onTaken, ILogger log) : IDisposable
{
    /// <summary>No event tells of a suspect that another process has left behind; the one that put it there, and one that starts, look at once.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly List<(string Kind, Func<Delivery, Task> HandleAsync)> _kinds = [];
    private readonly SemaphoreSlim _look = new(0);
    private readonly TaskCompletionSource _ranFirst = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when those that waited at the start have run, as far as the broker could be asked.</summary>
    public Task RanFirst => _ranFirst.Task;

    /// <summary>Serves a kind; called before <see cref="RunAsync"/>.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="handleAsync">Returns when the delivery can be acknowledged.</param>
    public void Serve(string kind, Func<Delivery, Task> handleAsync) => _kinds.Add((kind, handleAsync));

    /// <summary>There is one now.</summary>
    public void Look() => _look.Release();

    /// <summary>Runs them as they come, until <paramref name="stop"/> and the end of the one that then runs.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            // Nothing is delivered yet, so there is nothing to settle.
            for (var settle = TimeSpan.Zero; ; settle = ExclusiveGate.Settle)
            {
                await TryRunAllAsync(settle, stop);
                _ranFirst.TrySetResult();
                await _look.WaitAsync(LookEvery, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _ranFirst.TrySetResult();
        }
    }

    public void Dispose() => _look.Dispose();

    private async Task TryRunAllAsync(TimeSpan settle, CancellationToken stop)
    {
        foreach (var (kind, handleAsync) in _kinds)
        {
            try
            {
                if (await topology.CountSuspectsAsync(kind, stop) > 0)
                    await RunAllAsync(kind, handleAsync, settle, stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // Mostly the connection is lost. Whatever it is, what was taken is on its queue again and is looked for again.
                log.LogDebug(e, "the suspects of kind {Kind} could not be run", kind);
            }
        }
    }

    private async Task RunAllAsync(string kind, Func<Delivery, Task> handleAsync, TimeSpan settle, CancellationToken stop)
    {
        using var place = await EnterAsync(kind, settle, stop);
        if (place is null)
            return;
        await using var held = await connection.OpenChannelAsync(cancellationToken: stop);
        while (!stop.IsCancellationRequested && await held.Channel.BasicGetAsync(Names.SuspectsQueue(kind), autoAck: false, CancellationToken.None) is { } message)
        {
            onTaken();
            // Where it throws, the channel is closed, and with that the job is requeued.
            await handleAsync(new Delivery(message, held.Lost));
            await held.Channel.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None);
        }
    }

    /// <summary>Waits until this process is empty; in vain if other processes have taken the suspects meanwhile, and then no more jobs of this one have to wait.</summary>
    private async Task<IDisposable?> EnterAsync(string kind, TimeSpan settle, CancellationToken stop)
    {
        using var inVain = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var entering = gate.EnterAloneAsync(settle, inVain.Token);
        while (await Task.WhenAny(entering, Task.Delay(LookEvery, stop)) != entering && !stop.IsCancellationRequested)
        {
            if (!await AreThereAsync(kind, stop))
                await inVain.CancelAsync();
        }

        try
        {
            return await entering;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<bool> AreThereAsync(string kind, CancellationToken stop)
    {
        try
        {
            return await topology.CountSuspectsAsync(kind, stop) > 0;
        }
        catch (BrokerUnavailableException)
        {
            // Who cannot take one must not hold up the jobs that it has.
            return false;
        }
    }
}
