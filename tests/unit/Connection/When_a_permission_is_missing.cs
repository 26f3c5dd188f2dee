using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Broker.Tests.Unit.Connection;

public sealed class When_a_permission_is_missing
{
    /// <summary>RabbitMQ 4 names the permission, 3.10 does not.</summary>
    [Theory]
    [InlineData("ACCESS_REFUSED - configure access to queue 'broker.jobs.double' in vhost 'shop' refused for user 'me'", "user 'me' lacks the permission to configure queue 'broker.jobs.double' on RabbitMQ at rabbit:5672")]
    [InlineData("ACCESS_REFUSED - access to exchange 'broker.control' in vhost 'shop' refused for user 'me'", "user 'me' lacks the permission for exchange 'broker.control' on RabbitMQ at rabbit:5672")]
    [InlineData("ACCESS_REFUSED - because", "user 'me' is not permitted to do this (ACCESS_REFUSED - because) on RabbitMQ at rabbit:5672")]
    public void It_is_named_with_the_command_that_grants_it(string reply, string told)
    {
        var refused = new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 403, reply));
        var error = BrokerUnavailableException.From(refused, BrokerAddress.Parse("amqp://me:secret@rabbit/shop"));
        Assert.Equal($@"{told}: grant it with rabbitmqctl set_permissions -p shop me '^broker\.' '^broker\.' '^broker\.' (configure, write, read)", error.Message);
        Assert.False(error.CanRetry);
    }
}
