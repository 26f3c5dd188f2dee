using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record QueueOperation : Operation
{
    public override PrimitiveState NewState() => new QueueState();
}

/// <summary>
/// Reserves a slot for an item, which is then published. Outcome: the item's number; null where the queue is full; or <see cref="Refused"/>.
/// </summary>
/// <param name="Id">The wait.</param>
/// <param name="Waits">Whether it enters the line, or goes on waiting there. One that does not takes a slot that is free, whoever waits for it.</param>
/// <param name="MaxSize">How many items the queue holds; null for any number.</param>
/// <param name="Joinable">Whether the item is unfinished until it is done, not only until it is taken.</param>
internal sealed record QueueReserve(Guid Id, bool Waits, int? MaxSize, bool Joinable) : QueueOperation;

/// <summary>Ends a wait. Outcome: null.</summary>
internal sealed record QueueLeave(Guid Id) : QueueOperation;

/// <summary>Outcome: whether it was passed over.</summary>
internal sealed record QueuePass(Waiter Silent) : QueueOperation;

/// <summary>The item was published. Outcome: null.</summary>
internal sealed record QueueStored(long Item) : QueueOperation;

/// <summary>The item was not published. Outcome: null.</summary>
/// <param name="Silent">Whether others say so, who have waited for its putter: the item counts again if it is published after all.</param>
internal sealed record QueueGiveUp(long Item, bool Silent) : QueueOperation;

/// <summary>The item was delivered, and its slot is free. Outcome: null. Again for one that is delivered again.</summary>
internal sealed record QueueTaken(long Item) : QueueOperation;

/// <summary>The item was worked on. Outcome: null.</summary>
internal sealed record QueueDone(long Item) : QueueOperation;

/// <summary>Nothing more is put. Outcome: null.</summary>
/// <param name="Immediate">Whether what is stored is dropped.</param>
internal sealed record QueueClose(bool Immediate) : QueueOperation;

/// <summary>Outcome: null.</summary>
internal sealed record QueueReopen : QueueOperation;
