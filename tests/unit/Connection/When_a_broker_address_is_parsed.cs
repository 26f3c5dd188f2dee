using Broker.Connection;
using Broker.Contracts;

namespace Broker.Tests.Unit.Connection;

public sealed class When_a_broker_address_is_parsed
{
    [Theory]
    [InlineData("amqp://localhost", "localhost", 5672, "/", "guest", "guest", false)]
    [InlineData("amqp://localhost/", "localhost", 5672, "/", "guest", "guest", false)]
    [InlineData("amqp://me:pw@rabbit:1234/shop", "rabbit", 1234, "shop", "me", "pw", false)]
    [InlineData("amqps://rabbit/", "rabbit", 5671, "/", "guest", "guest", true)]
    [InlineData("amqp://me@rabbit", "rabbit", 5672, "/", "me", "guest", false)]
    [InlineData("amqp://me:@rabbit", "rabbit", 5672, "/", "me", "", false)]
    [InlineData("amqp://a%40b:p%3Aw%2F%23@rabbit/%2Fslash", "rabbit", 5672, "/slash", "a@b", "p:w/#", false)]
    [InlineData("amqp://me:a:b@rabbit", "rabbit", 5672, "/", "me", "a:b", false)]
    [InlineData("amqp://[::1]:7000/", "[::1]", 7000, "/", "guest", "guest", false)]
    public void Each_part_is_read_and_what_is_missing_has_rabbitmqs_default(string url, string host, int port, string virtualHost, string user, string password, bool tls)
    {
        var address = BrokerAddress.Parse(url);
        Assert.Equal((host, port, virtualHost, user, password, tls), (address.Host, address.Port, address.VirtualHost, address.User, address.Password, address.Tls));
    }

    [Theory]
    [InlineData("", "is not a URL")]
    [InlineData("secret-host", "is not a URL")]
    [InlineData("amqp://", "is not a URL")]
    [InlineData("amqp:///vhost", "is not a URL")]
    [InlineData("http://me:secret@host/", "begins with 'http:'")]
    [InlineData("amqp://me:secret@host/one/two", "more than one virtual host")]
    public void What_is_none_is_refused_without_being_repeated(string url, string reason)
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => BrokerAddress.Parse(url));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("amqp://user:password@host:5672/vhost", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_refused_is_called_by_where_it_was_set() =>
        Assert.StartsWith("--broker is not a URL", Assert.Throws<InvalidConfigurationException>(() => BrokerAddress.Parse("", "--broker")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("amqp://me:secret@host:1/shop", "amqp://me@host:1/shop")]
    [InlineData("amqps://me:secret@host", "amqps://me@host:5671/")]
    [InlineData("amqp://me:secret@host/%2Fslash", "amqp://me@host:5672/slash")]
    public void It_prints_without_the_password(string url, string printed) => Assert.Equal(printed, BrokerAddress.Parse(url).ToString());
}
