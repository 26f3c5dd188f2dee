using Xunit;

namespace Broker.Tests.Support;

/// <summary>The broker of the tests that stop and kill it. They run one after the other, and each leaves it running.</summary>
public sealed class OwnBroker : IAsyncLifetime
{
    public const string Name = "a broker of our own";

    private PrivateBroker? _broker;

    public PrivateBroker Require()
    {
        PrivateBroker.Require();
        _ = Programs.Consumer;
        return _broker!;
    }

    public async ValueTask InitializeAsync()
    {
        if (PrivateBroker.CanBeStarted && Programs.AreThere)
            _broker = await PrivateBroker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}
