using Broker.Connection;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using Microsoft.Extensions.Logging;

namespace Broker.Bus;

/// <summary>
/// Creates a MassTransit bus, which is one connection. Sending and receiving use separate buses: under a memory or disk alarm RabbitMQ stops
/// reading from connections that publish, and acknowledgements on the same connection would stall with them.
/// </summary>
internal static class BusFactory
{
    /// <summary>
    /// After a lost connection, how long to wait for handlers that ignore their token before consuming again. The broker has already
    /// requeued their deliveries.
    /// </summary>
    private static readonly TimeSpan LostHandlersTimeout = TimeSpan.FromSeconds(3);

    public static IBusControl Create(
        BrokerAddress address, string connectionName, ILoggerFactory logs, Reconnect reconnect, Action<RabbitMqBusConfiguration>? receive = null)
    {
        LogContext.ConfigureCurrentLogContext(logs);
        var configuration = new RabbitMqBusConfiguration(new RabbitMqTopologyConfiguration(RabbitMqBusFactory.CreateMessageTopology()));
        configuration.HostConfiguration.StopTimeout = LostHandlersTimeout;
        configuration.HostConfiguration.ConsumerStopTimeout = LostHandlersTimeout;
        var configurator = new RabbitMqBusFactoryConfigurator(configuration);
        configurator.Host(address.Current.Host, (ushort)address.Current.Port, address.VirtualHost, connectionName, host =>
        {
            host.Username(address.User);
            host.Password(address.Password);
            host.Heartbeat(BrokerAddress.Heartbeat);
            host.PublisherConfirmation = true;
            host.OnRefreshConnectionFactory = reconnect.WaitAsync;
        });
        var serializer = new BodySerializer();
        configurator.ClearSerialization();
        configurator.AddSerializer(serializer, isSerializer: true);
        configurator.AddDeserializer(serializer, isDefault: true);
        receive?.Invoke(configuration);
        return configurator.Build(configuration);
    }
}
