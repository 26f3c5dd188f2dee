using Xunit;

namespace Broker.Tests.Support;

/// <summary>Consumers shared by all tests of a class.</summary>
public abstract class FleetFixture : IAsyncLifetime
{
    private ConsumerFleet? _fleet;

    protected abstract FleetPlan Plan { get; }

    /// <summary>The fleet. A test that uses it is skipped if there is no broker.</summary>
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
