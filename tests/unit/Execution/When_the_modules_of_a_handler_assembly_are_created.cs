using System.Reflection;
using System.Reflection.Emit;
using Broker.Consumer.Handlers;
using Broker.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Unit.Execution;

public sealed class When_the_modules_of_a_handler_assembly_are_created
{
    [Fact]
    public void A_non_public_module_is_found()
    {
        var services = new ServiceCollection();
        Assert.Single(HandlerModules.Of(typeof(Greeter).Assembly)).Register(services);
        Assert.Equal("hello", services.BuildServiceProvider().GetRequiredService<string>());
    }

    [Fact]
    public void An_assembly_without_modules_has_none() => Assert.Empty(HandlerModules.Of(typeof(HandlerModules).Assembly));

    [Fact]
    public void A_module_with_constructor_parameters_is_refused()
    {
        var type = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("modules"), AssemblyBuilderAccess.Run).DefineDynamicModule("modules")
            .DefineType("Wanting", TypeAttributes.Public, typeof(object), [typeof(IHandlerModule)]);
        type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, [typeof(int)]).GetILGenerator().Emit(OpCodes.Ret);
        type.DefineMethod("Register", MethodAttributes.Public | MethodAttributes.Virtual, null, [typeof(IServiceCollection)]).GetILGenerator().Emit(OpCodes.Ret);
        var error = Assert.Throws<InvalidConfigurationException>(() => HandlerModules.Of(type.CreateType().Assembly));
        Assert.Equal("the module Wanting has no constructor without parameters", error.Message);
    }

    private sealed class Greeter : IHandlerModule
    {
        public void Register(IServiceCollection services) => services.AddSingleton("hello");
    }
}
