namespace Broker.Primitives;

/// <summary>A value and its version: who compares by it notices every change between.</summary>
/// <param name="Value">The type's default where nothing was set.</param>
/// <param name="Version">Grows with each change; 0 where nothing was set.</param>
public readonly record struct BrokerVersioned<T>(T? Value, long Version);
