using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Broker.Tests.Unit.DependencyInjection;

public sealed class When_a_broker_is_added
{
    /// <summary>An address at which nothing listens: the reserved port 1.</summary>
    private const string Nowhere = "amqp://nobody:kept-secret@127.0.0.1:1/";

    [Fact]
    public void Resolving_the_pool_needs_no_broker_and_gives_one_pool()
    {
        using var provider = new ServiceCollection().AddBroker(options => options.Url = Nowhere).BuildServiceProvider();
        var pool = provider.GetRequiredService<IJobPool>();
        Assert.Same(pool, provider.GetRequiredService<JobPool>());
        using var scope = provider.CreateScope();
        Assert.Same(pool, scope.ServiceProvider.GetRequiredService<IJobPool>());
    }

    [Fact]
    public async Task The_container_disposes_the_pool_either_way()
    {
        IJobPool pool;
        using (var provider = new ServiceCollection().AddBroker(options => options.Url = Nowhere).BuildServiceProvider())
            pool = provider.GetRequiredService<IJobPool>();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CallAsync(new DoubleNumber(1)));

        await using (var provider = new ServiceCollection().AddBroker(options => options.Url = Nowhere).BuildServiceProvider())
            pool = provider.GetRequiredService<IJobPool>();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CallAsync(new DoubleNumber(1)));
    }

    [Fact]
    public async Task Disposal_ends_a_call_that_waits_for_the_broker()
    {
        var services = new ServiceCollection().AddBroker(options => options.Url = Nowhere).BuildServiceProvider();
        var calling = services.GetRequiredService<IJobPool>().CallAsync(new DoubleNumber(1));
        Assert.False(calling.IsCompleted);
        await services.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calling.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_call_waits_for_the_broker_until_its_deadline_or_the_pools()
    {
        await using var services = new ServiceCollection().AddBroker(options => (options.Url, options.DefaultDeadline) = (Nowhere, TimeSpan.FromMilliseconds(300))).BuildServiceProvider();
        var pool = services.GetRequiredService<IJobPool>();
        Assert.Contains("0.3 s", (await Assert.ThrowsAsync<TimeoutException>(() => pool.CallAsync(new DoubleNumber(1)))).Message, StringComparison.Ordinal);
        var options = new CallOptions { Deadline = TimeSpan.FromMilliseconds(100) };
        Assert.Contains("0.1 s", (await Assert.ThrowsAsync<TimeoutException>(() => pool.SubmitAsync(new DoubleNumber(1), options))).Message, StringComparison.Ordinal);
        var published = new BatchOptions { Deadline = TimeSpan.FromMilliseconds(100) };
        await Assert.ThrowsAsync<TimeoutException>(() => pool.PublishAsync([new DoubleNumber(1)], published));
    }

    [Theory]
    [InlineData("http://me:secret@host/", null, null, "BrokerOptions.Url begins with 'http:'")]
    [InlineData("", null, null, "BrokerOptions.Url is not a URL")]
    [InlineData(Nowhere, "", null, "BrokerOptions.Name is empty")]
    [InlineData(Nowhere, null, 0d, "BrokerOptions.DefaultDeadline is 00:00:00")]
    [InlineData(Nowhere, null, 50 * 86400d, "BrokerOptions.DefaultDeadline is 50.00:00:00")]
    public void An_option_that_cannot_be_used_is_named(string url, string? name, double? seconds, string reason)
    {
        using var provider = new ServiceCollection()
            .AddBroker(options => (options.Url, options.Name, options.DefaultDeadline) = (url, name, seconds is { } deadline ? TimeSpan.FromSeconds(deadline) : null))
            .BuildServiceProvider();
        var error = Assert.Throws<InvalidConfigurationException>(provider.GetRequiredService<IJobPool>);
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.StartsWith(reason, Assert.Throws<InvalidConfigurationException>(provider.GetRequiredService<IStartupValidator>().Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Added_twice_it_is_one_pool_with_both_settings()
    {
        using var provider = new ServiceCollection().AddBroker(options => options.Url = Nowhere).AddBroker(options => options.Name = "shop").BuildServiceProvider();
        Assert.Single(provider.GetServices<IJobPool>());
        var settings = provider.GetRequiredService<ClientSettings>();
        Assert.Equal(("shop", 1), (settings.Name, settings.Address.Current.Port));
    }
}
