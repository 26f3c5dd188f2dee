using Broker.Contracts;
using Broker.Pool;

namespace Broker.Primitives;

/// <summary>Where else there are primitives.</summary>
public static class BrokerPrimitivesExtensions
{
    /// <summary>Those of the pool's broker, with its options. They connect when they are first used, and end with the pool.</summary>
    public static BrokerPrimitives Primitives(this JobPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return pool.Attached(static settings => new BrokerPrimitives(settings));
    }

    /// <summary>Those of the consumer's broker, as in a handler's constructor.</summary>
    /// <exception cref="InvalidOperationException">The handler runs without a broker, or its services have none.</exception>
    public static BrokerPrimitives Primitives(this JobContext job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (BrokerPrimitives?)job.Services?.GetService(typeof(BrokerPrimitives))
            ?? throw new InvalidOperationException("there are no primitives here: a handler that runs without a broker (LocalJobPool) shares nothing with other processes");
    }
}
