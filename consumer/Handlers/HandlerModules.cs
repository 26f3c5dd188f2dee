using System.Reflection;
using Broker.Contracts;
using Broker.Hosting.Handlers;

namespace Broker.Consumer.Handlers;

/// <summary>Finds the modules of an assembly and makes them.</summary>
internal static class HandlerModules
{
    /// <exception cref="InvalidConfigurationException">A module cannot be made, or the types do not load.</exception>
    public static IReadOnlyList<IHandlerModule> Of(Assembly assembly) =>
    [
        .. HandlerCatalog.ClassesIn(assembly)
            .Where(type => type.IsAssignableTo(typeof(IHandlerModule)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(Make),
    ];

    private static IHandlerModule Make(Type type)
    {
        try
        {
            return (IHandlerModule)Activator.CreateInstance(type, nonPublic: true)!;
        }
        catch (MissingMethodException e)
        {
            throw new InvalidConfigurationException($"the module {type} has no constructor without parameters", e);
        }
        catch (TargetInvocationException e)
        {
            throw new InvalidConfigurationException($"the module {type} cannot be made: {e.InnerException?.Message ?? e.Message}", e);
        }
    }
}
