using Broker.Connection;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// A point that a fixed number of parties reach before any goes on: all pass, or all are told that it is broken. It can be used again and again; who comes too many waits for the next round.
/// <para>The last to arrive runs the action, before anybody passes. If that throws, or its process dies and a timeout of the others comes, the barrier is broken.</para>
/// <para>Not promised: that the death of a party is noticed. The others wait until a timeout breaks the barrier.</para>
/// </summary>
public sealed class BrokerBarrier
{
    private readonly LoggedState<BarrierState> _state;
    private readonly Func<CancellationToken, Task>? _action;
    private readonly TimeSpan? _timeout;

    /// <param name="log">The log.</param>
    /// <param name="name">The same for all parties.</param>
    /// <param name="parties">How many pass together.</param>
    /// <param name="action">Run once per round.</param>
    /// <param name="timeout">Of waits that name none.</param>
    internal BrokerBarrier(PrimitiveLog log, string name, int parties, Func<CancellationToken, Task>? action, TimeSpan? timeout)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parties);
        _ = WaitTimeout.Of(timeout);
        (Name, Parties, _action, _timeout) = (name, parties, action, timeout);
        _state = new(log, "barrier", name);
    }

    public string Name { get; }

    public int Parties { get; }

    /// <summary>Waits until all parties have arrived, and the action has been run.</summary>
    /// <param name="timeout">Null is the barrier's own. When it comes, the barrier is broken.</param>
    /// <param name="cancellationToken">Breaks the barrier, unless all have passed.</param>
    /// <returns>How many arrived before: each of the numbers from 0 on goes to one of the parties.</returns>
    /// <exception cref="BrokenBarrierException">Nobody of this round passes.</exception>
    /// <exception cref="InvalidOperationException">Others wait here for another number of parties.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds: this party may count as arrived.</exception>
    public Task<int> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return ArriveAsync(timeout ?? _timeout, cancellationToken);
    }

    /// <summary>Breaks the barrier: all who wait, and all who come until it is reset, get a <see cref="BrokenBarrierException"/>.</summary>
    public Task AbortAsync(CancellationToken cancellationToken = default) => _state.ApplyAsync(new BarrierBreak(null), cancellationToken);

    /// <summary>Makes it usable again. Who waits gets a <see cref="BrokenBarrierException"/>.</summary>
    public Task ResetAsync(CancellationToken cancellationToken = default) => _state.ApplyAsync(new BarrierReset(), cancellationToken);

    public Task<bool> IsBrokenAsync(CancellationToken cancellationToken = default) => _state.ReadAsync(static state => state?.IsBroken == true, consistent: true, cancellationToken);

    /// <summary>How many parties wait.</summary>
    public Task<int> WaitingAsync(CancellationToken cancellationToken = default) =>
        _state.ReadAsync(static state => state is null or { IsBroken: true } ? 0 : state.Arrived, consistent: true, cancellationToken);

    private async Task<int> ArriveAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        while (true)
        {
            var arrival = await ArriveOnceAsync(cancellationToken);
            switch (arrival.Step)
            {
                case BarrierStep.Passes:
                    return arrival.Index;
                case BarrierStep.Acts:
                    await ActAsync(arrival, cancellationToken);
                    return arrival.Index;
                case BarrierStep.Waits:
                    await EndAsync(arrival, limit.Token, cancellationToken);
                    return arrival.Index;
                case BarrierStep.ComesLater:
                    await NextAsync(arrival.Generation, limit.Token, cancellationToken);
                    break;
                case BarrierStep.OtherParties:
                    throw new InvalidOperationException($"others wait at the barrier '{Name}' for {arrival.Parties} parties, not for {Parties}");
                default:
                    throw Broken();
            }
        }
    }

    /// <summary>An arrival that is cancelled may count nevertheless, and then has to break the barrier: nobody would come for it.</summary>
    private async Task<BarrierArrival> ArriveOnceAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var arriving = _state.ApplyAsync(new BarrierArrive(Parties, _action is not null), CancellationToken.None);
        try
        {
            return (BarrierArrival)(await arriving.WaitAsync(cancellationToken))!;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = arriving.ContinueWith(
                done => done.Result is BarrierArrival { Step: BarrierStep.Waits or BarrierStep.Acts } arrival ? TryBreakAsync(arrival.Generation) : Task.CompletedTask,
                CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private async Task ActAsync(BarrierArrival arrival, CancellationToken cancellationToken)
    {
        try
        {
            await _action!(cancellationToken);
        }
        catch
        {
            await TryBreakAsync(arrival.Generation);
            throw;
        }

        if (await _state.ApplyAsync(new BarrierOpen(arrival.Generation), CancellationToken.None) is not true)
            throw Broken();
    }

    private async Task EndAsync(BarrierArrival arrival, CancellationToken limit, CancellationToken cancellationToken)
    {
        var end = BarrierEnd.None;
        try
        {
            // One that was forgotten has not passed.
            await _state.UntilAsync(state => (end = state?.EndOf(arrival.Generation) ?? BarrierEnd.Broken) != BarrierEnd.None, limit);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = TryBreakAsync(arrival.Generation);
            throw;
        }
        catch (OperationCanceledException)
        {
            end = (BarrierEnd)(await _state.ApplyAsync(new BarrierBreak(arrival.Generation), CancellationToken.None))!;
        }

        if (end != BarrierEnd.Passed)
            throw Broken();
    }

    private async Task NextAsync(long generation, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            await _state.UntilAsync(state => state is null || state.EndOf(generation) != BarrierEnd.None, limit);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the round before did not end at the barrier '{Name}'", e);
        }
    }

    private async Task TryBreakAsync(long generation)
    {
        try
        {
            await _state.ApplyAsync(new BarrierBreak(generation), CancellationToken.None);
        }
        catch (Exception e) when (e is BrokerUnavailableException or ObjectDisposedException)
        {
            // As if this party had died: the others' timeout breaks it.
        }
    }

    private BrokenBarrierException Broken() => new($"the barrier '{Name}' is broken");
}
