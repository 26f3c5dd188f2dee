using System.Reflection;
using System.Reflection.Emit;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Hosting.Handlers;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Unit.Execution;

public sealed class When_handlers_are_scanned
{
    private static readonly ServiceProvider None = new ServiceCollection().BuildServiceProvider();

    [Fact]
    public void The_built_in_kinds_are_found()
    {
        var catalog = HandlerCatalog.Scan([typeof(HandlerCatalog).Assembly], None);
        Assert.Equal(["count-primes", "double", "sleep", "word-count"], catalog.Kinds);
        Assert.Equal("double(number: integer)", catalog[DoubleNumber.Kind].Signature);
    }

    [Fact]
    public void The_same_assembly_twice_has_two_handlers_of_a_kind()
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => HandlerCatalog.Scan([typeof(HandlerCatalog).Assembly, typeof(HandlerCatalog).Assembly], None));
        Assert.Contains("has two handlers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_assembly_without_any_adds_none() =>
        Assert.Empty(HandlerCatalog.Scan([AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("empty"), AssemblyBuilderAccess.Run)], None).Kinds);

    [Fact]
    public void A_kind_that_is_asked_for_and_not_there_is_named_with_the_nearest()
    {
        var catalog = HandlerCatalog.Scan([typeof(HandlerCatalog).Assembly], None);
        var error = Assert.Throws<InvalidConfigurationException>(() => catalog.Require("doubel"));
        Assert.Contains("no handler of kind 'doubel'; did you mean 'double'?", error.Message, StringComparison.Ordinal);
    }
}
