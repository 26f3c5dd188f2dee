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
        Assert.Equal((host, port, virtualHost, user, password, tls), (address.Current.Host, address.Current.Port, address.VirtualHost, address.User, address.Password, address.Tls));
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

    [Theory]
    [InlineData("amqp://me:pw@one,two:7000,[::1]/shop", "amqp://me@one:5672,two:7000,[::1]:5672/shop")]
    [InlineData("amqps://me:p,w@one:7,two", "amqps://me@one:7,two:5671/")]
    [InlineData("amqp://one,two", "amqp://guest@one:5672,two:5672/")]
    [InlineData("amqp://one,two/a%2Cb", "amqp://guest@one:5672,two:5672/a,b")]
    public void The_nodes_of_a_cluster_have_user_virtual_host_and_scheme_in_common(string url, string printed) => Assert.Equal(printed, BrokerAddress.Parse(url).ToString());

    [Theory]
    [InlineData("amqp://me:secret@one,amqp://me:secret@two/", "is more than one URL")]
    [InlineData("amqp://me:secret@one/,amqp://me:secret@two/", "is more than one URL")]
    [InlineData("amqp://me:secret@one/shop,two", "has a comma in its virtual host")]
    [InlineData("amqp://me:secret@one,/", "is not a URL (host 2 of 2)")]
    [InlineData("amqp://me:secret@one,two:secret,three", "is not a URL (host 2 of 3)")]
    public void Another_form_of_a_list_is_refused_with_the_form_that_is_understood(string url, string reason)
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => BrokerAddress.Parse(url));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("amqp://user:password@host1:5672,host2:5672/vhost", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_begin_at_different_nodes_and_the_connections_of_one_at_the_same()
    {
        var firsts = Enumerable.Range(0, 100).Select(_ => BrokerAddress.Parse("amqp://one,two,three").Current).Distinct();
        Assert.Equal(3, firsts.Count());
        var address = BrokerAddress.Parse("amqp://one,two,three");
        var first = address.Current;
        Assert.Equal((first, 3), (address.InTurn().First(), address.InTurn().Distinct().Count()));
        // Two connections that failed at the same node do not pass over the next.
        address.Failed(first);
        address.Failed(first);
        Assert.Equal(address.Nodes[(address.Nodes.ToList().IndexOf(first) + 1) % 3], address.Current);
        address.Answered(first);
        Assert.Equal(first, address.Current);
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
