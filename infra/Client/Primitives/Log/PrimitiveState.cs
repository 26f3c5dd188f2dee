namespace Broker.Primitives.Log;

/// <summary>The state of one name, as plain data: it is written whole into snapshots.</summary>
internal abstract class PrimitiveState
{
    /// <summary>
    /// Applies an operation. A function of state, operation and place alone: every client computes the same, and at different times.
    /// </summary>
    /// <returns>The outcome, which only the appender is told.</returns>
    public abstract object? Apply(Operation operation, in LogPlace place);
}
