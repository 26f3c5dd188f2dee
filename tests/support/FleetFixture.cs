using Xunit;

namespace Broker.Tests.Support;

/// <summary>Consumers that all tests of a class share.</summary>
public abstract class FleetFixture : IAsyncLifetime
{
    private ConsumerFleet? _fleet;

    protected abstract FleetPlan Plan { get; }

    /// <summary>The fleet. A test that asks for it is left out where there is no broker.</summary>
    public ConsumerFleet Require()
    {
        TestBroker.Require();
        _ = Programs.Consumer;
        return _fleet!;
    }

    public virtual async ValueTask InitializeAsync()
    {
        if (TestBroker.IsThere && Programs.AreThere)
            _fleet = await ConsumerFleet.StartAsync(Plan);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
    }
}
