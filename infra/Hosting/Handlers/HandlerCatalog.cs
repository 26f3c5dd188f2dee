using System.Reflection;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Hosting.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Hosting.Handlers;

/// <summary>The handlers this process has, one a kind, found by scanning assemblies.</summary>
internal sealed class HandlerCatalog
{
    private readonly Dictionary<string, KindRunner> _runners = [];

    private HandlerCatalog()
    {
    }

    public IEnumerable<string> Kinds => _runners.Keys.Order(StringComparer.Ordinal);

    /// <param name="assemblies">Where to look.</param>
    /// <param name="services">What handlers may ask for in their constructors: loggers, configuration.</param>
    /// <exception cref="InvalidConfigurationException">Two handlers of one kind, one that cannot be made, or an assembly whose types do not load.</exception>
    public static HandlerCatalog Scan(IEnumerable<Assembly> assemblies, IServiceProvider services)
    {
        var catalog = new HandlerCatalog();
        foreach (var (handler, contract) in assemblies.SelectMany(HandlersIn))
            catalog.Add(handler, contract, services);
        return catalog;
    }

    public KindRunner this[string kind] => _runners[kind];

    /// <exception cref="InvalidConfigurationException">No handler of that kind.</exception>
    public void Require(string kind)
    {
        if (_runners.ContainsKey(kind))
            return;
        var near = NearestName.Of(kind, Kinds);
        throw new InvalidConfigurationException(
            $"there is no handler of kind '{kind}'{(near is null ? "" : $"; did you mean '{near}'?")} (have: {string.Join(", ", Kinds)}; --handlers My.dll adds more)");
    }

    private static IEnumerable<(Type Handler, Type Contract)> HandlersIn(Assembly assembly)
    {
        Type[] types;
        try
        {
            types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            throw new InvalidConfigurationException($"the types of {assembly.GetName().Name} do not load: {e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message}", e);
        }

        return from type in types
               where type is { IsClass: true, IsAbstract: false }
               from contract in type.GetInterfaces()
               where contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IJobHandler<,>)
               select (type, contract);
    }

    private void Add(Type handler, Type contract, IServiceProvider services)
    {
        try
        {
            var kind = KindName.Of(contract.GenericTypeArguments[0]);
            if (_runners.TryGetValue(kind, out var other))
                throw new InvalidConfigurationException($"kind '{kind}' has two handlers, {other.HandlerType} and {handler}: remove one, or give its args another kind");
            var instance = ActivatorUtilities.CreateInstance(services, handler);
            var runner = Activator.CreateInstance(typeof(KindRunner<,>).MakeGenericType(contract.GenericTypeArguments), kind, instance)!;
            _runners[kind] = (KindRunner)runner;
        }
        catch (Exception e) when (e is not BrokerException)
        {
            var cause = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            throw new InvalidConfigurationException($"handler {handler} cannot be made: {cause.Message}", cause);
        }
    }
}
