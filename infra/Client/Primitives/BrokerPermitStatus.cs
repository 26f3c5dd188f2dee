namespace Broker.Primitives;

/// <summary>What is known of a lock or semaphore at a moment; when it is read, it may have changed.</summary>
/// <param name="Free">How many permits nobody holds.</param>
/// <param name="Waiting">How many wait in line.</param>
/// <param name="Holders">
/// Who holds a permit, as far as the holders have said so, which they do after about a second. One that was killed stays in the list until its permit is held by another, or all permits are free.
/// </param>
public sealed record BrokerPermitStatus(int Free, int Waiting, IReadOnlyList<BrokerHolder> Holders);

/// <summary>Who holds a permit.</summary>
/// <param name="Host">Name of the machine.</param>
/// <param name="ProcessId">Process id there.</param>
/// <param name="Since">By that machine's clock.</param>
/// <param name="Fence">Of the hold.</param>
/// <param name="Permit">Which permit, from 0.</param>
public sealed record BrokerHolder(string Host, int ProcessId, DateTimeOffset Since, long Fence, int Permit);
