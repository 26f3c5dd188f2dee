using System.Reflection;
using System.Runtime.Loader;
using Broker.Contracts;

namespace Broker.Consumer.Handlers;

/// <summary>
/// Args and results are read and written by the consumer's System.Text.Json. It does not see the attributes of another version of itself, so that
/// the JSON would silently be another one. A handler DLL that brings a newer version may use it inside its handlers only.
/// </summary>
internal sealed class ForeignJson
{
    public const string Name = "System.Text.Json";

    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly AssemblyLoadContext _context;
    private readonly HashSet<Type> _seen = [];

    private ForeignJson(Assembly handlers) => _context = AssemblyLoadContext.GetLoadContext(handlers)!;

    /// <exception cref="InvalidConfigurationException">The args or the result of a handler are shaped by a System.Text.Json that is not ours.</exception>
    public static void Refuse(Assembly handlers)
    {
        var scan = new ForeignJson(handlers);
        var payloads =
            from type in handlers.GetTypes()
            where type is { IsClass: true, IsAbstract: false }
            from contract in type.GetInterfaces()
            where contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IJobHandler<,>)
            from payload in contract.GenericTypeArguments
            select payload;
        foreach (var payload in payloads)
            scan.Visit(payload, payload);
    }

    private void Visit(Type type, Type payload)
    {
        if (!_seen.Add(type))
            return;
        if (IsForeign(type))
            throw Refusal(payload, type.Name, payload);
        if (type.HasElementType)
            Visit(type.GetElementType()!, payload);
        foreach (var argument in type.GetGenericArguments())
            Visit(argument, payload);
        // The types of the framework and ours know nothing of the DLL's.
        if (AssemblyLoadContext.GetLoadContext(type.Assembly) != _context)
            return;
        Look(type, type, payload);
        foreach (var one in type.GetInterfaces().Append(type.BaseType).OfType<Type>())
            Visit(one, payload);
        foreach (var member in type.GetMembers(Declared).Where(member => member is PropertyInfo or FieldInfo or ConstructorInfo))
            Look(member, type, payload);
        // Only what is written is looked into; a field or a private property is not, unless an attribute says so, which was seen above.
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            Visit(property.PropertyType, payload);
    }

    private static void Look(MemberInfo member, Type type, Type payload)
    {
        foreach (var attribute in member.GetCustomAttributesData())
        {
            for (var kind = attribute.AttributeType; kind is not null; kind = kind.BaseType)
            {
                if (IsForeign(kind))
                    throw Refusal(payload, attribute.AttributeType.Name, member == type ? type : member);
            }
        }
    }

    private static bool IsForeign(Type type) => type.Assembly != typeof(System.Text.Json.JsonSerializer).Assembly && type.Assembly.GetName().Name == Name;

    private static InvalidConfigurationException Refusal(Type payload, string used, MemberInfo member) => new(
        $"{payload} has {used} at {(member is Type type ? type.Name : $"{member.DeclaringType?.Name}.{member.Name}")}, of a System.Text.Json that is not the consumer's and that it does not see: "
        + $"take the framework's for what travels (remove the package, or use version {typeof(System.Text.Json.JsonSerializer).Assembly.GetName().Version?.Major}), or a type of your own without it");
}
