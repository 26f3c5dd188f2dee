using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_the_broker_refuses_the_connection
{
    [Fact]
    public async Task A_wrong_password_is_not_shown_and_not_retriable() =>
        await RefusedAsync(TestBroker.With(address => address.Password = "not-the-passw0rd"), "refused user '", canRetry: false);

    [Fact]
    public async Task A_missing_virtual_host_is_named() =>
        await RefusedAsync(TestBroker.With(address => address.Path = "no-such-vhost"), "no virtual host 'no-such-vhost'", canRetry: false);

    [Fact]
    public async Task A_refused_connection_can_be_retried() => await RefusedAsync(Programs.NoBroker, "no RabbitMQ at 127.0.0.1:1 (connection refused)", canRetry: true);

    private static async Task RefusedAsync(string url, string said, bool canRetry)
    {
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => JobPool.ConnectAsync(url).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("passw0rd", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(canRetry, error.CanRetry);
    }
}
