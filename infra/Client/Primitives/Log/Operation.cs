namespace Broker.Primitives.Log;

/// <summary>What is done to the state of a name.</summary>
internal abstract record Operation
{
    /// <summary>The state of a name before its first operation.</summary>
    public abstract PrimitiveState NewState();
}
