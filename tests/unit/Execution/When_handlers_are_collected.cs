using Broker.Connection;
using Broker.Consumer.Handlers;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Hosting.Handlers;
using Broker.Pool;
using Broker.Primitives;
using Broker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Execution;

public sealed class When_handlers_are_collected
{
    private static readonly Dictionary<string, int?> AllKinds = [];

    [Fact]
    public async Task The_built_in_kinds_are_found()
    {
        await using var primitives = BrokerPrimitives.Of(BrokerAddress.Parse(Programs.NoBroker), new BrokerOptions());
        await using var sets = await HandlerSets.LoadAsync([], primitives, NullLoggerFactory.Instance);
        Assert.Equal(["count-primes", "double", "sleep", "word-count"], sets.Catalog.Kinds);
        Assert.Equal("double(number: integer)", sets.Catalog[DoubleNumber.Kind].Signature);
    }

    [Fact]
    public async Task Two_handlers_of_a_kind_are_an_error_that_names_both()
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => CatalogOf(typeof(Halve), typeof(HalveToo)));
        Assert.Contains("kind 'halve' has two handlers", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(HalveToo), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_whose_service_is_missing_is_an_error_at_the_start()
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => CatalogOf(typeof(Needy)));
        Assert.Contains("cannot be made", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Uri), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_kind_is_named_with_the_nearest_one()
    {
        var catalog = await CatalogOf(typeof(Halve));
        var error = Assert.Throws<InvalidConfigurationException>(() => catalog.Choose(new Dictionary<string, int?> { ["havle"] = null }, 1));
        Assert.Contains("no handler of kind 'havle'; did you mean 'halve'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_has_its_own_concurrency_or_the_default()
    {
        var catalog = await CatalogOf(typeof(Halve));
        Assert.Equal(4, Assert.Single(catalog.Choose(AllKinds, 4)).Concurrency);
        Assert.Equal(2, Assert.Single(catalog.Choose(new Dictionary<string, int?> { ["halve"] = 2 }, 4)).Concurrency);
    }

    [Fact]
    public void No_handler_at_all_is_an_error() =>
        Assert.Throws<InvalidConfigurationException>(() => new HandlerCatalog().Choose(AllKinds, 1));

    private static async Task<HandlerCatalog> CatalogOf(params Type[] handlers)
    {
        var services = new ServiceCollection();
        foreach (var handler in handlers)
            services.AddScoped(handler);
        var catalog = new HandlerCatalog();
        foreach (var handler in handlers)
            await catalog.AddAsync(handler, services.BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), PayloadJson.Options);
        return catalog;
    }

    private sealed record HalveArgs(int Number) : IJob<int>
    {
        public static string Kind => "halve";
    }

    private sealed class Halve : IJobHandler<HalveArgs, int>
    {
        public Task<int> HandleAsync(HalveArgs args, JobContext job) => Task.FromResult(args.Number / 2);
    }

    private sealed class HalveToo : IJobHandler<HalveArgs, int>
    {
        public Task<int> HandleAsync(HalveArgs args, JobContext job) => Task.FromResult(args.Number / 2);
    }

    private sealed class Needy(Uri place) : IJobHandler<HalveArgs, int>
    {
        public Task<int> HandleAsync(HalveArgs args, JobContext job) => Task.FromResult(place.Port);
    }
}
