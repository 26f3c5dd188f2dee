using Xunit;

namespace Broker.Tests.Support;

/// <summary>Has the shared RabbitMQ there before the first test: the one given, or a container of its own in a build that may start one.</summary>
public sealed class SharedBroker : IAsyncLifetime
{
#if USE_TESTCONTAINERS
    private readonly global::Testcontainers.RabbitMq.RabbitMqContainer _container =
        new global::Testcontainers.RabbitMq.RabbitMqBuilder().WithImage("rabbitmq:4-management").Build();

    private bool _started;

    public async ValueTask InitializeAsync()
    {
        if (TestBroker.IsThere)
            return;
        await _container.StartAsync();
        _started = true;
        TestBroker.Url = _container.GetConnectionString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_started)
            await _container.DisposeAsync();
    }
#else
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
#endif
}
