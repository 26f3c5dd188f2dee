using System.Reflection;
using Broker.Pool;

namespace Broker.Tests.Architecture;

public sealed class When_the_message_framework_is_used
{
    [Fact]
    public void It_is_named_in_the_bus_folder_alone()
    {
        var naming = Repository.Product
            .Where(file => Repository.Read(file).Contains("using MassTransit", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(naming);
        Assert.All(naming, file => Assert.StartsWith("infra/Client/Bus/", file, StringComparison.Ordinal));
    }

    [Fact]
    public void No_other_types_fields_or_methods_show_it()
    {
        var types = typeof(JobPool).Assembly.GetTypes();
        var bus = types.Where(type => type.Namespace == "Broker.Bus").ToList();
        Assert.Contains(bus, Uses);
        Assert.Empty(types.Except(bus).Where(type => type.DeclaringType?.Namespace != "Broker.Bus").Where(Uses).Select(type => type.FullName));
    }

    [Fact]
    public void The_programs_do_not_refer_to_it()
    {
        foreach (var program in new[] { "producer", "consumer", "Broker.Contracts" })
        {
            var references = Assembly.Load(program).GetReferencedAssemblies();
            Assert.NotEmpty(references);
            Assert.DoesNotContain(references, reference => reference.Name!.StartsWith("MassTransit", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_the_bus_shows_to_others_is_free_of_it()
    {
        var shown = typeof(JobPool).Assembly.GetExportedTypes().Where(type => type.Namespace == "Broker.Bus").ToList();
        Assert.NotEmpty(shown);
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var leaks =
            from type in shown
            from method in type.GetMethods(Public)
            from used in method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)
            where IsFramework(used)
            select $"{type.Name}.{method.Name}";
        Assert.Empty(leaks);
    }

    private static bool Uses(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetInterfaces().Append(type.BaseType).Any(IsFramework)
            || type.GetFields(All).Any(field => IsFramework(field.FieldType))
            || type.GetMethods(All).Any(method => IsFramework(method.ReturnType) || method.GetParameters().Any(parameter => IsFramework(parameter.ParameterType)));
    }

    private static bool IsFramework(Type? type) =>
        type is not null && (type.Assembly.GetName().Name!.StartsWith("MassTransit", StringComparison.Ordinal) || (type.IsGenericType && type.GenericTypeArguments.Any(IsFramework)));
}
