namespace Broker.Contracts;

/// <summary>An inner exception of a remote failure, as data.</summary>
/// <param name="Type">The exception's full type name.</param>
/// <param name="Message">What it says.</param>
public sealed record FailureCause(string Type, string Message);
