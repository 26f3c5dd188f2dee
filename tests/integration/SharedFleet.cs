using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

/// <summary>Three consumer processes with two slots each, and one pool, shared by all tests that need no separate ones.</summary>
public sealed class SharedFleet : IAsyncLifetime
{
    // Not an assembly fixture of its own: that would be disposed before this one, whose queues are still to be deleted.
    private readonly SharedBroker _broker = new();

    private ConsumerFleet? _fleet;
    private JobPool? _pool;

    /// <summary>The pool. A test that uses it is skipped if there is no broker.</summary>
    public JobPool Pool
    {
        get
        {
            TestBroker.Require();
            _ = Programs.Consumer;
            return _pool!;
        }
    }

    public ConsumerFleet Consumers => _fleet!;

    public async ValueTask InitializeAsync()
    {
        await _broker.InitializeAsync();
        if (!TestBroker.IsThere || !Programs.AreThere)
            return;
        var plan = new FleetPlan { Kinds = ["behave", "pause", "context", "large", "cyclic", "pair", "gated"], Processes = 3, Concurrency = 2 };
        // The args records of this process must name the same kinds as those of the consumers.
        Environment.SetEnvironmentVariable(KindSuffix.Variable, plan.Suffix);
        _fleet = await ConsumerFleet.StartAsync(plan);
        _pool = await JobPool.ConnectAsync(TestBroker.Require());
    }

    public async ValueTask DisposeAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        await _broker.DisposeAsync();
    }
}
