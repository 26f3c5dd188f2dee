namespace Broker.Contracts;

/// <summary>A process of the fleet.</summary>
/// <param name="Host">The machine's or container's name.</param>
/// <param name="ProcessId">The process id on that host.</param>
/// <param name="Name">What its operator called it.</param>
public sealed record ProcessIdentity(string Host, int ProcessId, string Name);
