using System.Reflection;
using System.Text.Json;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Hosting.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Hosting.Handlers;

/// <summary>The handlers this process has, one per kind.</summary>
internal sealed class HandlerCatalog
{
    private readonly Dictionary<string, KindRunner> _runners = [];

    public IEnumerable<string> Kinds => _runners.Keys.Order(StringComparer.Ordinal);

    public KindRunner this[string kind] => _runners[kind];

    /// <summary>The handlers that a container has registered.</summary>
    /// <exception cref="InvalidConfigurationException">One cannot be made, or two are of one kind.</exception>
    public static async Task<HandlerCatalog> OfAsync(IServiceProvider services, JsonSerializerOptions json)
    {
        var catalog = new HandlerCatalog();
        foreach (var handler in services.GetServices<HandlerRegistration>().Select(registration => registration.Handler).Distinct())
            await catalog.AddAsync(handler, services.GetRequiredService<IServiceScopeFactory>(), json);
        return catalog;
    }

    /// <summary>The handlers in an assembly.</summary>
    /// <exception cref="InvalidConfigurationException">Its types do not load.</exception>
    public static IReadOnlyList<Type> HandlersIn(Assembly assembly) => [.. ClassesIn(assembly).Where(type => ContractsOf(type).Any())];

    /// <summary>The classes in an assembly of which an instance can be made.</summary>
    /// <exception cref="InvalidConfigurationException">Its types do not load.</exception>
    public static IEnumerable<Type> ClassesIn(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false });
        }
        catch (ReflectionTypeLoadException e)
        {
            throw new InvalidConfigurationException($"the types of {assembly.GetName().Name} do not load: {e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message}", e);
        }
    }

    /// <summary>The contracts that a handler implements: one for each kind it runs.</summary>
    public static IEnumerable<Type> ContractsOf(Type handler) =>
        handler.GetInterfaces().Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IJobHandler<,>));

    /// <summary>Adds a handler, and makes one to see that it can be made.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot, or its kind has a handler already.</exception>
    public async Task AddAsync(Type handler, IServiceScopeFactory services, JsonSerializerOptions json)
    {
        try
        {
            foreach (var contract in ContractsOf(handler))
            {
                var runner = KindRunner.Create(handler, contract, services, json);
                if (_runners.TryGetValue(runner.Kind, out var other))
                    throw new InvalidConfigurationException($"kind '{runner.Kind}' has two handlers, {other.HandlerType} and {handler}: remove one, or give its args another kind");
                await using var scope = runner.OpenScope();
                scope.Prepare();
                _runners[runner.Kind] = runner;
            }
        }
        catch (Exception e) when (e is not BrokerException)
        {
            var cause = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            if (cause is BrokerException)
                throw cause;
            throw new InvalidConfigurationException($"handler {handler} cannot be made: {cause.Message}", cause);
        }
    }

    /// <summary>The kinds to serve, each with its concurrency.</summary>
    /// <param name="kinds">The kinds to serve, each with its own concurrency or none; empty serves all.</param>
    /// <param name="concurrency">For those that have none.</param>
    /// <exception cref="InvalidConfigurationException">A kind is named that has no handler; or there is no handler at all.</exception>
    public IReadOnlyList<HostedKind> Choose(IDictionary<string, int?> kinds, int concurrency)
    {
        foreach (var kind in kinds.Keys)
            Require(kind);
        if (_runners.Count == 0)
            throw new InvalidConfigurationException("there is no handler: add one with AddHandler<T>()");
        var chosen = kinds.Count > 0 ? kinds.Keys : Kinds;
        return [.. chosen.Select(kind => new HostedKind(_runners[kind], (kinds.TryGetValue(kind, out var own) ? own : null) ?? concurrency))];
    }

    private void Require(string kind)
    {
        if (_runners.ContainsKey(kind))
            return;
        var near = NearestName.Of(kind, Kinds);
        throw new InvalidConfigurationException(
            $"there is no handler of kind '{kind}'{(near is null ? "" : $"; did you mean '{near}'?")} (have: {string.Join(", ", Kinds)}; --handlers My.dll adds more)");
    }
}
