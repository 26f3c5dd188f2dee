using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// What is counted of a queue: its slots, and what is unfinished. A putter reserves a slot, publishes the item under the reservation's number, and says that it is stored; whoever takes it
/// says that before it acknowledges it. So whatever process dies between two steps leaves a reservation that nobody stores, which those who wait for it give up after some seconds of silence; or an
/// item that is delivered again, whose step is then repeated and changes nothing.
/// </summary>
internal sealed class QueueAccount
{
    private readonly LoggedState<QueueState> _state;
    private readonly TurnWait<QueueState> _turns;

    public QueueAccount(PrimitiveLog log, string name, BrokerQueueOptions options)
    {
        _state = new(log, BrokerQueueOptions.Type, name);
        _turns = new(
            _state,
            (wait, waits) => new QueueReserve(wait, waits, options.MaxSize, options.Joinable),
            wait => new QueueLeave(wait),
            item => new QueueGiveUp((long)item, Silent: false),
            Look);
    }

    /// <summary>Waits for a slot.</summary>
    /// <returns>The item's number; null when the timeout came first.</returns>
    /// <exception cref="PrimitiveClosedException">The queue is closed.</exception>
    /// <exception cref="PrimitiveTooLargeException">Too many items are counted.</exception>
    public async Task<long?> ReserveAsync(TimeSpan? timeout, CancellationToken cancellationToken) => (long?)await _turns.TakeAsync(timeout, cancellationToken);

    public Task StoredAsync(long item) => _state.ApplyAsync(new QueueStored(item), CancellationToken.None);

    public Task GiveUpAsync(long item) => _state.ApplyAsync(new QueueGiveUp(item, Silent: false), CancellationToken.None);

    public Task TakenAsync(long item) => _state.ApplyAsync(new QueueTaken(item), CancellationToken.None);

    public Task DoneAsync(long item) => _state.ApplyAsync(new QueueDone(item), CancellationToken.None);

    public Task CloseAsync(bool immediate) => _state.ApplyAsync(new QueueClose(immediate), CancellationToken.None);

    public Task ReopenAsync() => _state.ApplyAsync(new QueueReopen(), CancellationToken.None);

    /// <summary>Whether it is closed, and whether what is in it is void.</summary>
    public Task<(bool Closed, bool Dropped)> LookAsync(bool consistent, CancellationToken cancellationToken) =>
        _state.ReadAsync(static state => (state?.IsClosed == true, state?.IsDropped == true), consistent, cancellationToken);

    public Task UntilClosedAsync(CancellationToken cancellationToken) => _state.UntilAsync(static state => state?.IsClosed == true, cancellationToken);

    /// <summary>How many items are unfinished.</summary>
    public Task<int> UnfinishedAsync(CancellationToken cancellationToken) => _state.ReadAsync(static state => state?.Unfinished ?? 0, consistent: true, cancellationToken);

    /// <summary>Waits until nothing is unfinished.</summary>
    public Task UntilFinishedAsync(CancellationToken cancellationToken) =>
        SilenceWait.UntilAsync(_state, static state => new Sighting((state?.Unfinished ?? 0) == 0, state is null ? null : LostPut(state)), cancellationToken);

    private static Sighting Look(QueueState? state, Guid wait)
    {
        // A name that was forgotten: enter again.
        if (state is null)
            return new Sighting(true, null);
        var line = state.Line.Look(wait, state.Free);
        return new Sighting(line.Acts, line.Called is { } called ? new QueuePass(called) : LostPut(state));
    }

    /// <summary>The oldest reservation: an item that is published at once, if its putter lives.</summary>
    private static QueueGiveUp? LostPut(QueueState state) => state.Reserved.Count > 0 ? new QueueGiveUp(state.Reserved.Min, Silent: true) : null;
}
