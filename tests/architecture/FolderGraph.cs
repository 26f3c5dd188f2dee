using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Broker.Tests.Architecture;

/// <summary>
/// Which folder of a project uses which: read from its compiled code, so that a using directive that is not needed does not count. Constants
/// are compiled into their users and are not seen.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly Dictionary<string, Dictionary<string, string>> _uses = [];

    /// <param name="project">The project's folder, as <c>infra/Client</c>.</param>
    /// <param name="assembly">Its compiled file.</param>
    public FolderGraph(string project, string assembly)
    {
        var folders = FoldersOf(project);
        TypeCount = folders.Count;
        using var module = ModuleDefinition.ReadModule(assembly);
        // Generated types have no source; Program may use every folder and is used by none.
        Unknown = [.. module.Types.Select(NameOf).Where(name => !folders.ContainsKey(name) && !name.Contains('<', StringComparison.Ordinal) && !IsGenerated(name))];
        foreach (var type in module.Types.Where(type => folders.ContainsKey(NameOf(type))))
        {
            foreach (var used in Used(type).Distinct().Where(used => folders.ContainsKey(used)))
                Add(folders[NameOf(type)], folders[used], $"{type.Name} uses {used}");
        }
    }

    /// <summary>How many types were found in the sources.</summary>
    public int TypeCount { get; }

    /// <summary>Compiled types that were not found in the sources, so that their uses would not be seen.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>Uses of the root folder's types by other folders, each with an example.</summary>
    public IEnumerable<string> OfTheRoot() => from user in _uses from used in user.Value where used.Key == "." select $"{user.Key}: {used.Value}";

    /// <summary>How many pairs of folders use one another, in one direction.</summary>
    public int UseCount => _uses.Sum(user => user.Value.Count);

    /// <summary>Every use that lies on a cycle, with an example; the root folder is where <c>.</c> stands.</summary>
    public IEnumerable<string> OnCycles() =>
        from user in _uses
        from used in user.Value
        where Reaches(used.Key, user.Key, [])
        select $"{user.Key} -> {used.Key}: {used.Value}";

    private bool Reaches(string from, string to, HashSet<string> seen) =>
        from == to || (seen.Add(from) && _uses.TryGetValue(from, out var next) && next.Keys.Any(folder => Reaches(folder, to, seen)));

    private void Add(string user, string used, string example)
    {
        if (user != used)
            (_uses.TryGetValue(user, out var known) ? known : _uses[user] = []).TryAdd(used, example);
    }

    /// <summary>The folder of each type by its full name; extension classes stand in namespaces of others.</summary>
    private static Dictionary<string, string> FoldersOf(string project)
    {
        var folders = new Dictionary<string, string>();
        foreach (var file in Repository.Product.Where(file => file.StartsWith(project + "/", StringComparison.Ordinal)))
        {
            var text = Repository.Read(file);
            var space = Namespace().Match(text).Groups["name"].Value;
            var folder = Path.GetDirectoryName(Path.GetRelativePath(project, file))!.Replace('\\', '/');
            foreach (Match type in TypeName().Matches(text))
                folders[$"{space}.{type.Groups["name"].Value}"] = folder.Length == 0 ? "." : folder;
        }

        return folders;
    }

    private static bool IsGenerated(string name) => name is ".Program" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.CodeAnalysis.", StringComparison.Ordinal);

    private static IEnumerable<string> Used(TypeDefinition type)
    {
        var references = new List<TypeReference?> { type.BaseType };
        references.AddRange(type.Interfaces.Select(one => one.InterfaceType));
        references.AddRange(type.Fields.Select(field => field.FieldType));
        references.AddRange(type.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType));
        foreach (var method in type.Methods)
        {
            references.Add(method.ReturnType);
            references.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
            if (!method.HasBody)
                continue;
            references.AddRange(method.Body.Variables.Select(variable => variable.VariableType));
            references.AddRange(method.Body.ExceptionHandlers.Select(handler => handler.CatchType));
            references.AddRange(method.Body.Instructions.SelectMany(Operands));
        }

        return references.SelectMany(Parts).Concat(type.NestedTypes.SelectMany(Used));
    }

    private static IEnumerable<TypeReference?> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments],
        MemberReference member => [member.DeclaringType],
        _ => [],
    };

    private static IEnumerable<string> Parts(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(NameOf(generic.ElementType)),
        TypeSpecification made => Parts(made.ElementType),
        _ => [NameOf(type)],
    };

    private static string NameOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return $"{type.Namespace}.{type.Name.Split('`')[0]}";
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(public |internal )?((static|sealed|abstract|partial|readonly|ref) )*(class|record struct|record|struct|interface|enum|delegate [^;=\n]+?) (?<name>\w+)(?=[\s(<;:{]|$)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeName();
}
